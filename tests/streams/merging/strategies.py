"""Hypothesis strategies for partials that overlap, contradict and repeat each other."""

from __future__ import annotations

from hypothesis import strategies as st

from sources.record import (
    Broadcast,
    Character,
    Episode,
    Image,
    Link,
    Name,
    Relation,
    Score,
    SourceRecord,
    Staff,
    Synopsis,
    Tag,
    ThemeSong,
    Title,
    Trailer,
    VoiceActor,
)
from streams.contract.events import PartialResult
from streams.merging.tally import Tally
from streams.merging.weighing import KINDS_OF_WORK
from streams.merging.weights import Table

SOURCES = ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch", "anime_planet", "newsite")

words = st.sampled_from(
    ["K-On!", "k-on!", "K-On!!", "Spike Spiegel", "Spiegel, Spike", "けいおん!", "MADHOUSE Inc.", "Madhouse"]
)
languages = st.sampled_from([None, "ja", "ja-Latn", "en"])
dates = st.sampled_from(["2009", "2009-04", "2009-04-03", "2009-04-10", "2009-12-30", "2010"])
ids = st.dictionaries(st.sampled_from(["mal", "anilist", "anidb"]), st.sampled_from(["1", "2"]), max_size=2)
names = st.lists(st.builds(Name, text=words, language=languages), min_size=1, max_size=3)
small = st.integers(1, 5)


def few(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[list[object]]:
    return st.lists(strategy, max_size=4)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


titles = st.builds(
    Title, text=words, language=languages, kind=st.sampled_from(["main", "official", "synonym", "short"])
)
urls = st.sampled_from(
    [
        "https://youtu.be/abcdefghijk",
        "https://www.youtube.com/watch?v=abcdefghijk",
        "https://x.example/",
        "http://www.x.example",
    ]
)
episodes = st.builds(
    Episode,
    number=maybe(small),
    kind=st.sampled_from(["regular", "special"]),
    titles=few(titles),
    aired=maybe(dates),
    filler=maybe(st.booleans()),
    synopsis=maybe(words),
    ids=ids,
)
voices = st.builds(VoiceActor, names=names, language=languages, image=maybe(urls), ids=ids)
characters = st.builds(
    Character,
    names=names,
    role=st.sampled_from(["MAIN", "SUPPORTING", "UNKNOWN"]),
    images=few(urls),
    voice_actors=few(voices),
    ids=ids,
    spoiler=st.booleans(),
)
scores = st.builds(
    Score,
    value=st.sampled_from([0.0, 2.5, 5.0]),
    scale_min=st.just(0.5),
    scale_max=st.just(5.0),
    votes=maybe(st.integers(0, 9)),
)


def records(source: str) -> st.SearchStrategy[SourceRecord]:
    return st.builds(
        SourceRecord,
        source=st.just(source),
        source_id=small.map(str),
        ids=ids,
        title=maybe(words),
        titles=few(titles),
        title_english=maybe(words),
        type=maybe(st.sampled_from(["TV", "OVA", "OTHER", "UNKNOWN"])),
        status=maybe(st.sampled_from(["AIRING", "FINISHED", "HIATUS"])),
        episode_count=maybe(small),
        season=maybe(st.sampled_from(["WINTER", "FALL"])),
        year=maybe(st.sampled_from([2009, 2010])),
        start_date=maybe(dates),
        end_date=maybe(dates),
        broadcast=maybe(st.builds(Broadcast, weekday=maybe(words), time=maybe(words))),
        synopsis=maybe(st.builds(Synopsis, text=words)),
        genres=few(words),
        tags=few(st.builds(Tag, name=words, weight=maybe(st.just(0.5)), spoiler=st.booleans())),
        adult=maybe(st.booleans()),
        content_rating=maybe(st.sampled_from(["PG", "RX"])),
        studios=few(words),
        relations=few(
            st.builds(
                Relation, kind=st.sampled_from(["SEQUEL", "PREQUEL", "OTHER"]), title=maybe(words), ids=ids
            )
        ),
        images=few(st.builds(Image, url=urls)),
        trailers=few(st.builds(Trailer, site=st.just("youtube"), url=urls)),
        links=few(st.builds(Link, site=words, url=urls)),
        theme_songs=few(
            st.builds(
                ThemeSong, kind=st.sampled_from(["opening", "ending"]), title=words, artist=maybe(words)
            )
        ),
        episodes=few(episodes),
        characters=few(characters),
        staff=few(st.builds(Staff, names=names, roles=few(words), ids=ids)),
        score=maybe(scores),
        popularity=st.dictionaries(words, st.just(1.0), max_size=1),
    )


def partials(source: str) -> st.SearchStrategy[PartialResult]:
    times = st.sampled_from(
        [None, "2026-11-24T10:00:00Z", "2026-11-24T19:00:00+09:00", "2026-11-26T00:00:00Z"]
    )
    fine = st.builds(
        PartialResult,
        request_id=st.sampled_from("ab"),
        source=st.just(source),
        outcome=st.just("ok"),
        fetched_at=times,
        stale=st.booleans(),
        record=records(source),
    )
    failed = st.builds(
        PartialResult,
        request_id=st.sampled_from("ab"),
        source=st.just(source),
        outcome=st.sampled_from(["failed", "timeout", "not_found"]),
        fetched_at=times,
    )
    return fine | failed


shares = st.builds(lambda part, whole: Tally(part * whole, whole), st.floats(0, 1), st.floats(0, 500))
tables = st.builds(
    Table,
    version=st.just("5-1"),
    agreement=st.dictionaries(
        st.tuples(
            st.sampled_from(["type", "title", "start_date", "episode_count"]),
            st.sampled_from(SOURCES),
            st.sampled_from(KINDS_OF_WORK),
        ),
        shares,
    ),
    apart=st.dictionaries(
        st.tuples(
            st.sampled_from(["type", "title"]), st.just("anilist"), st.sampled_from(["jikan", "kitsu"])
        ),
        st.floats(0, 500),
    ),
    met=st.dictionaries(
        st.tuples(st.sampled_from(["anilist", "jikan"]), st.sampled_from(["jikan", "kitsu"])),
        st.floats(0, 500),
    ),
)
"""What a fleet may have counted."""


@st.composite
def sets(draw: st.DrawFn) -> dict[str, PartialResult]:
    """Partials of some sources."""
    chosen = draw(st.lists(st.sampled_from(SOURCES), unique=True, max_size=5))
    return {source: draw(partials(source)) for source in chosen}
