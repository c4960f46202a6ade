"""What a source said of a work, remembered: parsed, judged and packed once, handed in as it is while nothing of it changed.

The replies that it was made of are the parts (`cache.reads`); everything else that goes in stands in the key.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sources
from cache.http.secrets import fingerprint
from cache.reads import noting
from cache.results.remembered import Memory, Recalled, key_of
from cache.results.source_version import files_version
from sources import Source
from sources.discovery import id_names
from streams.broker.request_state import Contribution, contribution
from streams.contract.events import IdentifiedTitle, PartialResult
from streams.matching.overrides import Overrides
from streams.records.drift import share_filled

HERE = Path(__file__).parents[1]
_PACKAGES = ("pydantic", "rapidfuzz", "selectolax")
"""What parses and compares for us; another version may do it otherwise."""
_SHARED = ("parsing", "crawling")
_JUDGES = ("matching", "text", "contract", "stages/fetch.py", "stages/findings.py")


@dataclass(frozen=True, slots=True)
class Said:
    """What a source said: what is handed in, and by what its health is judged; ``filled`` is a share, 0 to 1."""

    given: Contribution
    cached: bool
    seconds: float
    filled: float | None


def said_of(partial: PartialResult) -> Said:
    """A partial that has just been made."""
    record = partial.record if partial.outcome == "ok" else None
    filled = share_filled(record) if record else None
    seconds = (partial.duration_ms or 0) / 1000
    return Said(contribution(partial), bool(partial.from_cache), seconds, filled)


class Findings:
    """Over one memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._standing: dict[str, tuple[str, ...]] = {}

    async def said(
        self,
        source: Source,
        event: IdentifiedTitle,
        evidence: str,
        ask: Callable[[], Awaitable[PartialResult]],
        *,
        tail: bool,
        overrides: Overrides,
    ) -> Said:
        """What ``source`` says of the work of ``event``, recalled, or by ``ask``.

        ``evidence`` is that of the event as JSON, ``tail`` whether more than the main document is wanted, ``overrides`` are
        the corrections that ``ask`` heeds.
        """
        if known := await self.known(source, event, evidence, tail=tail, overrides=overrides):
            return known
        key = self._key(source, event, evidence, tail, overrides)
        with noting() as reads:
            partial = await ask()
        if not key or not partial.from_cache or partial.stale or reads.loose:
            return said_of(partial)
        said = said_of(partial.model_copy(update={"request_id": "", "duration_ms": 0}))
        await self.memory.remember(key, _note(said), said.given.packed, reads)
        return said

    async def known(
        self, source: Source, event: IdentifiedTitle, evidence: str, *, tail: bool, overrides: Overrides
    ) -> Said | None:
        """What is remembered of that, without asking anybody."""
        key = self._key(source, event, evidence, tail, overrides)
        recalled = await self.memory.recall(key) if key else None
        return None if recalled is None else _recalled(source.name, recalled)

    def _key(
        self, source: Source, event: IdentifiedTitle, evidence: str, tail: bool, overrides: Overrides
    ) -> str:
        """The key of one answer; '' where nothing may be remembered."""
        name = source.name
        if not self.memory.enabled or not (standing := self.standing(source)):
            return ""
        match = event.match.get(name)
        chosen = json.dumps(event.chosen.get(name))
        how = match.model_dump_json() if match else ""
        inputs = (chosen, how, evidence, str(tail), overrides.of_entries)
        return key_of(name, "finding", *standing, *inputs)

    def standing(self, source: Source) -> tuple[str, ...]:
        """What goes into every answer of a source besides the work: code and settings; none: not to be told."""
        name = source.name
        if name not in self._standing:
            code, context = code_of(type(source)), source.context
            values = fingerprint(json.dumps([context.base_url, sorted(context.values.items())]))
            known = (code, values, " ".join(id_names()))
            self._standing[name] = known if code else ()
        return self._standing[name]


def _note(said: Said) -> Mapping[str, Any]:
    given = said.given
    return {
        "outcome": given.outcome,
        "reason": given.reason,
        "mark": given.mark,
        "filled": said.filled,
    }


def _recalled(source: str, known: Recalled) -> Said:
    note = known.note
    given = Contribution(source, note["outcome"], note["reason"], known.body, note["mark"])
    return Said(given, True, 0.0, note["filled"])


@cache
def code_of(cls: type[Source]) -> str:
    """A digest of the code that reads and judges the answers of a source; '' where it does not lie in files."""
    home = Path(inspect.getfile(cls))
    inside = home.parent != _folder(sources) and (home.parent / "__init__.py").is_file()
    own = home.parent if inside else home
    return code_in(
        (own, *_files_of_sources(), *(_folder(sources) / one for one in _SHARED)),
        (HERE / one for one in _JUDGES),
    )


def code_in(*places: Iterable[Path]) -> str:
    """A digest of the files in some places and of the packages that we parse with; '' where there are no files."""
    try:
        return f"{files_version(*(one for some in places for one in some))} {_packages()}"
    except OSError:
        return ""


@cache
def _packages() -> str:
    return " ".join(f"{name} {version(name)}" for name in _PACKAGES)


def _files_of_sources() -> list[Path]:
    return sorted(_folder(sources).glob("*.py"))


def _folder(package: Any) -> Path:
    return Path(package.__file__).parent
