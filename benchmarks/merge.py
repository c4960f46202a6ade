"""CPU time of one merge: a record as large as One Piece's, and an ordinary one.

    python -m benchmarks.merge            the table
    python -m benchmarks.merge --profile  and where the time goes

The partials are made up: 1,140 episodes from four sources, 1,500 characters from three with their voices; the
ordinary one has 26 episodes, 40 characters and 8 relations. Keys are computed afresh for every run, as for a work never seen.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import statistics
import time

from sources.record import (
    Character,
    Episode,
    Image,
    Link,
    Name,
    Relation,
    Score,
    SourceRecord,
    Tag,
    Title,
    VoiceActor,
)
from streams.cli.process import spare_the_collector
from streams.config.policy_file import default_policy
from streams.contract.events import PartialResult
from streams.merging.merge import merge
from streams.text import keys

EPISODE_SOURCES = ("jikan", "anidb", "kitsu", "anisearch")
CHARACTER_SOURCES = ("anilist", "jikan", "anidb")
OTHERS = ("animeschedule", "anime_planet")


def day(number: int) -> str:
    return f"{1999 + number // 336:04d}-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"


def episodes(source: str, count: int) -> list[Episode]:
    return [
        Episode(
            number=n,
            aired=day(n),
            titles=[
                Title(text=f"The Voyage, Part {n}", language="en"),
                Title(text=f"航海その{n}", language="ja"),
                Title(text=f"Koukai sono {n}", language="ja-Latn"),
            ],
            duration_seconds=1440 if source != "jikan" else None,
            filler=n % 9 == 0 if source == "jikan" else None,
            recap=False if source == "jikan" else None,
            synopsis=f"What happens in part {n}. " * 8 if source == "kitsu" else None,
            thumbnail=f"https://{source}.example/{n}.jpg" if source == "kitsu" else None,
            ids={source: str(n)},
        )
        for n in range(1, count + 1)
    ]


def voice(source: str, number: int, language: str) -> VoiceActor:
    given, family = f"Taro{number % 700}", f"Yamada{number % 300}"
    text = f"{family}, {given}" if source == "jikan" else f"{given} {family}"
    return VoiceActor(names=[Name(text=text)], language=language, ids={source: f"{language}{number}"})


def characters(source: str, count: int) -> list[Character]:
    found = []
    for n in range(count):
        latin = f"Pirate{n}, Captain" if source == "jikan" else f"Captain Pirate{n}"
        names = (
            [Name(text=latin)]
            if source == "jikan"
            else [Name(text=latin), Name(text=f"船長{n}", language="ja")]
        )
        spoken = ("ja",) if n % 3 or source == "anidb" else ("ja", "en")  # AniDB knows no dubs
        found.append(
            Character(
                names=names,
                role="MAIN" if n < 10 else "SUPPORTING",
                images=[f"https://{source}.example/c/{n}.jpg"],
                voice_actors=[voice(source, n, language) for language in spoken],
                ids={source: str(n)},
            )
        )
    return found


def partial(source: str, episode_count: int, character_count: int, relation_count: int) -> PartialResult:
    record = SourceRecord(
        source=source,
        source_id="21",
        url=f"https://{source}.example/21",
        ids={source: "21"},
        title="The Voyage",
        titles=[Title(text=f"The Voyage {n}", language="en") for n in range(8)],
        type="TV",
        start_date="1999-10-20",
        score=Score(value=8, scale_min=1, scale_max=10, votes=1000),
        genres=["Action", "Adventure", "Fantasy"],
        tags=[Tag(name=f"Tag {n}", weight=n / 25) for n in range(25)],
        studios=["Toei Animation"],
        relations=[
            Relation(kind="OTHER", title=f"The Voyage: Film {n}", ids={source: str(n)})
            for n in range(relation_count)
        ],
        images=[Image(url=f"https://{source}.example/p.jpg")],
        links=[Link(site=f"Site {n}", url=f"https://{n}.example/") for n in range(10)],
        episodes=episodes(source, episode_count) if source in EPISODE_SOURCES else [],
        characters=characters(source, character_count) if source in CHARACTER_SOURCES else [],
    )
    return PartialResult(
        request_id="r", source=source, outcome="ok", fetched_at="2026-11-24T10:00:00Z", record=record
    )


def partials(episode_count: int, character_count: int, relation_count: int) -> dict[str, PartialResult]:
    names = sorted({*EPISODE_SOURCES, *CHARACTER_SOURCES, *OTHERS})
    return {name: partial(name, episode_count, character_count, relation_count) for name in names}


def forget_keys() -> None:
    for function in vars(keys).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def cpu_ms(found: dict[str, PartialResult]) -> float:
    forget_keys()
    before = time.process_time()
    record = merge(found, asked=list(found), policy=default_policy())
    took = (time.process_time() - before) * 1000
    del record  # to forget it is no part of the merge
    return took


def additions_ms() -> float:
    before, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return (time.process_time() - before) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    default_policy()
    print(
        f"a million additions take {min(additions_ms() for _ in range(5)):.0f} ms of CPU here; columns are CPU as well"
    )
    print(f"{'record':<22}{'median':>10}{'best':>10}{'worst':>10}{'size':>10}   target")
    for name, shape, target in (("One Piece size", (1140, 1500, 60), 150), ("ordinary", (26, 40, 8), 5)):
        found = partials(*shape)
        spare_the_collector()  # as a worker process does, or it walks through what the benchmark itself holds
        times = [cpu_ms(found) for _ in range(options.runs)]
        print(
            f"{name:<22}{statistics.median(times):>8.1f}ms{min(times):>8.1f}ms{max(times):>8.1f}ms   {target} ms"
        )
    if options.profile:
        found = partials(1140, 1500, 60)
        forget_keys()
        gc.freeze()
        profiler = cProfile.Profile()
        profiler.runcall(merge, found, asked=list(found), policy=default_policy())
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
