"""The demo's titles fetched from the played sites and merged; the golden records are made and checked by this."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from sources import SourceError, SourceRecord, discover
from sources.check.bench import Bench
from sources.demo.world import World
from streams.config.policy_file import default_policy
from streams.contract.events import PartialResult
from streams.contract.record import EnrichedRecord
from streams.merging.merge import merge

GOLDEN = Path(__file__).with_name("golden")
FETCHED = "2026-11-24T10:00:00Z"
SITES = ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch", "anime_planet")

TITLES: dict[str, tuple[str | None, ...]] = {
    "bebop": ("1", "1", "1", "23", "cowboy-bebop", "1572", "cowboy-bebop"),
    "bebop-movie": ("5", "5", "2", "219", None, "1575", "cowboy-bebop-the-movie"),
    "kon1": ("5680", "5680", "4240", "6257", "k-on", "5406", "k-on"),
    "kon2": ("7791", "7791", "5103", "7307", "k-on-2", "5993", "k-on-2"),
    "onepiece": ("21", "21", "12", "69", "one-piece", "2227", "one-piece"),
    "frieren": (
        "52991",
        "154587",
        "46474",
        "17617",
        "sousou-no-frieren",
        "17621",
        "frieren-beyond-journeys-end",
    ),
    "fruits2019": ("38680", "105334", "41995", "14488", "fruits-basket-2019", "14084", "fruits-basket-2019"),
    "spy1": ("50265", "140960", "45398", "16405", "spy-x-family", "16688", "spy-x-family"),
    "spy2": ("50602", "142838", "45613", "16966", "spy-x-family-part-2", "17078", "spy-x-family-part-2"),
    "shelter": ("34240", "97731", "12672", "12482", None, "11782", "shelter"),
    "modao": ("37208", "101291", "41055", "13810", "mo-dao-zu-shi", "13658", "the-founder-of-diabolism"),
    "velvet": ("990001", "990001", None, "990001", None, "990001", "velvet-hour"),
    "harbor": ("990002", "990002", "990002", "990002", "clockwork-harbor", "990002", "clockwork-harbor"),
    "lanterns": ("990003", "990003", "990003", None, None, "990003", None),
}
"""Ids in the order of `SITES`, as in the table of the demo; ``None``: that site does not have it."""

WITHOUT = {"frieren-without-three": ("frieren", ("kitsu", "anidb", "anime_planet"))}
"""Golden records of titles whose given sites did not answer."""

CASES = (*TITLES, *WITHOUT)


async def gather() -> dict[str, dict[str, PartialResult]]:
    """The partials of every case, by name."""
    found: dict[str, dict[str, PartialResult]] = {name: {} for name in TITLES}
    with TemporaryDirectory() as files:
        async with World(keep_log=False) as world, aiohttp.ClientSession() as session:
            for place, source in enumerate(SITES):
                table = Bench(discover()[source], world.sites[source], session, Path(files))
                for name, ids in TITLES.items():
                    found[name][source] = await _fetch(table, source, ids[place])
    for name, (title, silent) in WITHOUT.items():
        found[name] = {s: p for s, p in found[title].items() if s not in silent[1:]}
        found[name][silent[0]] = PartialResult(
            request_id="golden", source=silent[0], outcome="blocked", reason="banned", fetched_at=FETCHED
        )
    return found


async def _fetch(table: Bench, source: str, source_id: str | None) -> PartialResult:
    if source_id is None:
        return PartialResult(request_id="golden", source=source, outcome="not_found", reason="not_found")
    try:
        record = await table.source().fetch(source_id)
    except SourceError as error:
        return PartialResult(
            request_id="golden", source=source, outcome=error.outcome, reason=error.reason, message=str(error)
        )
    text = record.model_dump_json().replace(table.site.base, f"https://{source}.example")
    return PartialResult(
        request_id="golden",
        source=source,
        outcome="ok",
        fetched_at=FETCHED,
        record=SourceRecord.model_validate_json(text),
    )


def merged(partials: dict[str, PartialResult]) -> EnrichedRecord:
    return merge(partials, asked=SITES, policy=default_policy())


def written(record: EnrichedRecord) -> str:
    """The record as it lies in the golden file: readable, without what is empty."""
    return (
        json.dumps(json.loads(record.model_dump_json(exclude_defaults=True)), ensure_ascii=False, indent=1)
        + "\n"
    )


@cache
def golden(name: str) -> EnrichedRecord:
    return EnrichedRecord.model_validate_json((GOLDEN / f"{name}.json").read_bytes())
