"""Our own rows: works as facts (``works.jsonl``), what people type (``typed.tsv``) and names of files (``files.tsv``).

They need no sample, so the benchmark runs where there is nothing but this repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.identity.queries import Query
from benchmarks.identity.sites import Anime

HERE = Path(__file__).parent


def works() -> list[Anime]:
    """The works that the typed titles mean, and what is near to them."""
    rows = [json.loads(line) for line in (HERE / "works.jsonl").read_text(encoding="utf-8").splitlines()]
    size = {row["series"]: sum(other["series"] == row["series"] for other in rows) for row in rows}
    return [
        Anime(
            key=f"own:{number}",
            title=row["title"],
            english=tuple(row.get("english", ())),
            native=tuple(row.get("native", ())),
            synonyms=tuple(row.get("short", ())) + tuple(row.get("also", ())),
            translated=(),
            short=tuple(row.get("short", ())),
            type=row.get("type"),
            year=row.get("year"),
            episodes=row.get("episodes"),
            ids=row["ids"],
            family=f"own:{row['series']}",
            family_size=size[row["series"]],
            after=row.get("after"),
        )
        for number, row in enumerate(rows)
    ]


def joined(own: list[Anime], sample: list[Anime]) -> list[Anime]:
    """Both without works twice: the sample's rows, which have more titles, then ours that are not among them."""
    known = {(site, value) for one in sample for site, value in one.ids.items()}
    after = {one.ids["mal"]: one.after for one in own if "mal" in one.ids}
    related = [replace(one, after=after.get(one.ids.get("mal", ""))) for one in sample]
    return related + [one for one in own if known.isdisjoint(one.ids.items())]


def typed(anime: list[Anime]) -> list[Query]:
    """What people type, by kind."""
    return list(_asked("typed.tsv", anime))


def files(anime: list[Anime]) -> list[Query]:
    """Names of files of one episode or of all."""
    return list(_asked("files.tsv", anime))


def _asked(name: str, anime: list[Anime]) -> Iterator[Query]:
    by_mal = {one.ids["mal"]: one for one in anime if "mal" in one.ids}
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, text, mal, *both = line.split("\t")
            yield Query(kind, text, by_mal[mal], both=bool(both))
