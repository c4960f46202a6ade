"""A source in one file, as somebody would add it: a small site that answers JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cache.rules import Rate, Rejection, Reply
from sources.base import Candidate, Query, Source
from sources.errors import NotAnEntry
from sources.http import segment
from sources.parsing.json_refusal import refuse_json
from sources.parsing.json_reply import identifier, load, mapping, objects
from sources.parsing.text import title_text
from sources.record import SourceRecord


def parse(body: bytes, *, url: str = "") -> SourceRecord:
    """One show. Raises `NotAnEntry`."""
    show = mapping(load(body))
    number, title = identifier(show.get("id")), title_text(show.get("name"))
    if number is None or title is None:
        raise NotAnEntry("changed_layout", "no show")
    ids = {"sample": number, "mal": identifier(show.get("mal")) or ""}
    return SourceRecord(
        source="sample", source_id=number, title=title, ids=ids, url=f"https://sample.example/{number}"
    )


class Sample(Source):
    """The made-up site sample.example."""

    name: ClassVar[str] = "sample"
    label: ClassVar[str] = "Sample"
    base_url: ClassVar[str] = "https://sample.example/api"
    limits: ClassVar[tuple[Rate, ...]] = (Rate(1, 1.0),)
    finds_by: ClassVar[tuple[str, ...]] = ("sample", "mal")

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """What every JSON API refuses in the same way."""
        return refuse_json(reply)

    async def search(self, query: Query) -> list[Candidate]:
        """Shows by name."""
        reply = await self.http.get(f"{self.context.base_url}/shows", params={"name": query.title})
        return await self._results_in(reply, parse_search)

    async def lookup(self, ids: Mapping[str, str]) -> str | None:
        """The site keeps MyAnimeList's ids with a one in front."""
        return ids.get("sample") or (f"1{ids['mal']}" if "mal" in ids else None)

    async def core(self, source_id: str) -> SourceRecord:
        """One show."""
        reply = await self.http.get(f"{self.context.base_url}/shows/{segment(source_id, self.name)}")
        return await self._read(reply, parse)


def parse_search(body: bytes) -> list[Candidate]:
    """The shows in a list."""
    found = [(identifier(show.get("id")), title_text(show.get("name"))) for show in objects(load(body))]
    return [Candidate("sample", number, name) for number, name in found if number and name]
