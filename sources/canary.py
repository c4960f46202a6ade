"""One well-known work for each site, and what does not change about it: whether a site is the site, and read right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sources.record import SourceRecord


@dataclass(frozen=True, slots=True)
class Canary:
    """The entry ``source_id`` bears ``title`` among its titles; ``facts`` are values of its record by field.

    ``guess`` says why nothing real shows that the id is this work's; `check-source` lists it.
    """

    source_id: str
    title: str
    facts: Mapping[str, object] = field(default_factory=dict)
    guess: str = ""

    def differences(self, record: SourceRecord) -> list[str]:
        """What ``record`` says otherwise, one sentence each."""
        titles = {record.title, *(title.text for title in record.titles)}
        wrong = [] if self.title in titles else [f"title {self.title!r} is not among its titles"]
        for name, value in self.facts.items():
            if (found := getattr(record, name)) != value:
                wrong.append(f"{name} is {found!r}, not {value!r}")
        return wrong


def cowboy_bebop(source_id: str, guess: str = "") -> Canary:
    """A series that every site has, that ended in 1999 and will not be told otherwise."""
    facts = MappingProxyType({"type": "TV", "episode_count": 26, "year": 1998})
    return Canary(source_id, "Cowboy Bebop", facts, guess)
