"""Whether a part of an API's answer is empty, or only no longer where or what it was.

A list that is there and empty says that there is nothing. One of another shape, or whose rows hold nothing that we look
for, says that the site has changed: the part is `changed_layout`, and not "none". A part that was not asked for is not
in the answer at all and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sources.errors import NotAnEntry, Reason
from sources.parsing.json_reply import mapping

TEXTS = ("<texts>",)
OBJECT = ("<object>",)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where ``part`` of a record stands in an answer: a list under ``path``, whose rows have one of ``keys``.

    ``lists`` are the names under which the list may stand there, of which one must; `TEXTS` and `OBJECT` say what stands
    there instead of rows with keys.
    """

    part: str
    path: tuple[str, ...]
    keys: tuple[str, ...] = ("name",)
    lists: tuple[str, ...] = ()


def changed_parts(answer: Mapping[str, Any], frames: Iterable[Frame]) -> dict[str, str]:
    """The parts whose frame is there and holds something, but nothing that we can read."""
    changed = (frame.part for frame in frames if _is_changed(answer, frame))
    return dict.fromkeys(changed, Reason.CHANGED_LAYOUT.value)


def _is_changed(answer: Mapping[str, Any], frame: Frame) -> bool:
    value: Any = answer
    for key in frame.path:
        if not isinstance(value, dict | Mapping) or key not in value:
            return False
        value = value[key]
    if frame.lists and isinstance(value, dict) and value:
        if not value.keys() & set(frame.lists):
            return True
        value = next((value[name] for name in frame.lists if value.get(name)), [])
    return not is_list_of(value, frame.keys)


def is_list_of(value: Any, keys: tuple[str, ...]) -> bool:
    """Whether ``value`` is nothing, or a list in which a row has one of ``keys``."""
    if not value and not isinstance(value, bool | int):
        return True
    if keys == OBJECT:
        return isinstance(value, dict)
    if keys == TEXTS:
        return isinstance(value, list) and any(isinstance(row, str) for row in value)
    return isinstance(value, list) and any(mapping(row).keys() & set(keys) for row in value)


def need_readable(rows: object, found: object, what: str) -> None:
    """Raise `NotAnEntry` for a list with rows of which none could be read."""
    if rows and not found:
        raise NotAnEntry("changed_layout", f"none of the {what} could be read")
