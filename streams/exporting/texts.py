"""Records without the texts that people wrote on the sites, for where their licences do not let them go. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

TEXTS = frozenset({"synopsis", "synopses", "search_text", "search_text_hash"})
"""Fields that hold such a text, or are made of one, wherever they stand: of the work, of an episode."""
_PARTS = re.compile(r"[^.\[\]]+")


def without_texts(record: Mapping[str, Any]) -> dict[str, Any]:
    """``record``, as JSON, without `TEXTS`, nor who said them, nor what they beat or contradict."""
    kept = {name: _without(value) for name, value in record.items() if name not in TEXTS}
    if "provenance" in kept:
        kept["provenance"] = {path: one for path, one in kept["provenance"].items() if not of_text(path)}
    if "conflicts" in kept:
        kept["conflicts"] = [one for one in kept["conflicts"] if not of_text(one["field"])]
    return kept


def of_text(path: str) -> bool:
    """Whether a field's path leads to a text: ``synopsis``, ``episodes[3].synopsis``, ``synopses[0].text``."""
    return not TEXTS.isdisjoint(_PARTS.findall(path))


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(part) for name, part in value.items() if name not in TEXTS}
    return [_without(part) for part in value] if isinstance(value, list) else value
