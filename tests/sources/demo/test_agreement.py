"""The played sites tell of the same shows: they differ by a day, a spelling or a scale, never by a fact."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from sources.parsing.dates import season_of
from sources.record import Name, SourceRecord
from tests.streams.merging.golden_world import TITLES, gather

SAYS_SEASONS = ("season", "seasonYear", "years")
"""Names in ``raw`` under which a site's own season stands; a record without them has it from its start date."""


@pytest.fixture(scope="module")
def shows() -> dict[str, dict[str, SourceRecord]]:
    found = asyncio.run(gather())
    return {name: {s: p.record for s, p in found[name].items() if p.record} for name in TITLES}


def folded(names: list[Name]) -> set[str]:
    plain = (re.sub(r"(?<=o)[ou]|(?<=u)u", "", name.text.casefold()) for name in names)
    return {" ".join(sorted(text.split())) for text in plain}


def voices(records: dict[str, SourceRecord]) -> Iterator[tuple[str, list[set[str]]]]:
    """Every character and language with the voice's names at each site that names one."""
    said: dict[tuple[str, str | None], list[set[str]]] = defaultdict(list)
    for record in records.values():
        for character in record.characters:
            for voice in character.voice_actors:
                said[min(folded(character.names)), voice.language].append(folded(voice.names))
    yield from ((f"{name} ({language})", heard) for (name, language), heard in said.items())


def test_an_episode_airs_on_one_day_everywhere_give_or_take_one(
    shows: dict[str, dict[str, SourceRecord]],
) -> None:
    for show, records in shows.items():
        days: dict[tuple[str, float | None], list[dt.date]] = defaultdict(list)
        for record in records.values():
            for episode in record.episodes:
                if episode.aired and len(episode.aired) == 10:
                    days[episode.kind, episode.number].append(dt.date.fromisoformat(episode.aired))
        wide = {n: found for n, found in days.items() if max(found) - min(found) > dt.timedelta(1)}
        assert wide == {}, show


def test_a_character_has_one_voice_in_a_language(shows: dict[str, dict[str, SourceRecord]]) -> None:
    for show, records in shows.items():
        assert [who for who, heard in voices(records) if not set.intersection(*heard)] == [], show


def test_the_seasons_that_sites_say_agree_and_any_other_is_that_of_the_start(
    shows: dict[str, dict[str, SourceRecord]],
) -> None:
    for show, records in shows.items():
        said = {s for s, record in records.items() if any(record.raw.get(name) for name in SAYS_SEASONS)}
        assert len({records[s].season for s in said} - {None}) <= 1, show
        for source in records.keys() - said:
            record = records[source]
            assert (record.season, record.year) == season_of(record.start_date), (show, source)


def test_episodes_have_titles_of_their_own(shows: dict[str, dict[str, SourceRecord]]) -> None:
    texts = [t.text for show in shows.values() for r in show.values() for e in r.episodes for t in e.titles]
    assert len(texts) > 500
    assert [
        text for text in texts if re.fullmatch(r"(?:Episode|Mission|Demo Chapter) \d+|第\d+話", text)
    ] == []


def test_the_vocabulary_knows_every_word_of_the_played_sites(
    shows: dict[str, dict[str, SourceRecord]],
) -> None:
    assert [u for records in shows.values() for record in records.values() for u in record.unmapped] == []
