"""Which entries of all sites are one work: a link is evidence, and whole groups are held against each other."""

from collections.abc import Sequence
from typing import Any

import pytest

from sources.base import Candidate
from streams.matching.clusters import Work, group
from streams.matching.links import Ids
from tests.support.entries import entry


def works(*entries: Candidate, same: Sequence[Ids] = (), different: Sequence[Ids] = ()) -> list[Work]:
    results: dict[str, list[Candidate]] = {}
    for one in entries:
        results.setdefault(one.source, []).append(one)
    return group(results, same, different)


def joined(*entries: Candidate, same: Sequence[Ids] = (), different: Sequence[Ids] = ()) -> list[str]:
    """The sites of each work, with the ids of the entries."""
    found = works(*entries, same=same, different=different)
    return [" ".join(f"{one.source}:{one.id}" for one in work.candidates) for work in found]


def anilist(title: str, *titles: str, ids: Ids | None = None, **facts: Any) -> Candidate:
    """AniList's entry 9, which names MAL's 1 unless told otherwise."""
    return entry("anilist", 9, title, *titles, ids=ids or {"mal": "1"}, **facts)


def jikan(title: str, *titles: str, **facts: Any) -> Candidate:
    return entry("jikan", 1, title, *titles, **facts)


def kitsu(title: str, *titles: str, id_: int = 5, **facts: Any) -> Candidate:
    return entry("kitsu", id_, title, *titles, **facts)


def anisearch(title: str, *titles: str, id_: int = 6, **facts: Any) -> Candidate:
    return entry("anisearch", id_, title, *titles, **facts)


@pytest.mark.parametrize(
    ("mine", "theirs", "one"),
    [
        (anilist("Alpha"), jikan("Alpha"), True),
        (anilist("Alpha"), jikan("Beta"), False),
        (anilist("Alpha", type="TV", year=2010), jikan("Beta", type="TV", year=2010), True),
        (anilist("Alpha", type="TV"), jikan("Beta", type="TV"), False),
    ],
)
def test_a_lone_link_needs_a_heading_or_two_facts_that_bear_it_out(
    mine: Candidate, theirs: Candidate, one: bool
) -> None:
    assert len(joined(mine, theirs)) == (1 if one else 2)


def test_a_lone_link_is_borne_out_by_what_whole_groups_say() -> None:
    both = {"anilist": "9", "anidb": "7"}
    named = anilist("Alpha", ids={"mal": "1", "anidb": "7"})
    assert len(joined(named, kitsu("Beta", ids=both, year=2010), jikan("Gamma", "Beta", type="TV"))) == 1
    older, newer = kitsu("Beta", ids=both, year=2001), jikan("Beta", year=2019)
    assert len(joined(named, older, newer)) == 2
    assert not any(work.split for work in works(named, older, newer))


def test_a_work_has_one_entry_of_a_site() -> None:
    twice = kitsu("Alpha", ids={"mal": "1"}), kitsu("Alpha", id_=6, ids={"mal": "1"})
    assert joined(anilist("Alpha"), *twice) == ["anilist:9 kitsu:5", "kitsu:6"]


def test_a_link_that_nothing_bears_out_comes_after_a_likeness() -> None:
    facts: dict[str, Any] = {"type": "TV", "year": 2010}
    linked, like = anisearch("Gamma", **facts), anisearch("Alpha", id_=7, **facts)
    assert "anisearch:7 kitsu:5" in joined(kitsu("Alpha", ids={"anisearch": "6"}, **facts), linked, like)


def test_a_likeness_is_none_where_the_groups_name_different_ids() -> None:
    like = anisearch("Alpha", "Alpha Kay", type="TV", year=2010)
    named = anilist("Alpha", ids={"mal": "2"}, type="TV", year=2010)
    other = kitsu("Alpha Kay", "Alpha", ids={"mal": "1"}, type="TV")
    assert joined(like, named, other) == ["anilist:9 anisearch:6", "kitsu:5"]


def test_the_user_s_word_parts_entries_that_link_to_each_other() -> None:
    mine, theirs = anilist("Alpha"), kitsu("Alpha", ids={"mal": "1"})
    assert len(joined(mine, theirs, different=[{"anilist": "9", "kitsu": "5"}])) == 2
    assert len(joined(mine, theirs, different=[{"anilist": "8", "kitsu": "5"}])) == 1
    assert len(joined(mine, theirs, different=[{"anilist": "9", "kitsu": "7"}])) == 1


def test_a_link_that_the_user_denies_is_none_of_the_entry_and_stays_one_of_all_others() -> None:
    denied = [{"kitsu": "5", "mal": "1"}]
    linked = kitsu("Alpha", ids={"mal": "1", "anidb": "7"})
    (alone,) = works(linked, different=denied)
    assert alone.traits.ids == {"kitsu": "5", "anidb": "7"}
    other = anilist("Alpha", type="TV"), jikan("Alpha", year=2010)
    assert joined(*other, different=denied) == ["anilist:9 jikan:1"]


def test_the_user_s_word_joins_groups_that_contradict_each_other() -> None:
    entries = anilist("Alpha", year=2001), kitsu("Alpha", ids={"mal": "1"}), anisearch("Alpha", year=2019)
    first, second = {"anilist": "9", "kitsu": "5"}, {"kitsu": "5", "anisearch": "6"}
    assert joined(*entries, same=[first, second]) == ["anilist:9 anisearch:6 kitsu:5"]
    assert joined(*entries, same=[first]) == ["anilist:9 kitsu:5", "anisearch:6"]
    assert all(work.split for work in works(*entries, same=[second]))


def test_entries_that_two_ids_tie_though_their_years_differ_are_no_split_of_their_groups() -> None:
    ids = {"mal": "1", "anidb": "7"}
    older = anilist("Alpha", ids=ids, year=2001), kitsu("Alpha", ids=ids, year=2001)
    newer = jikan("Alpha", ids={"anidb": "7"}, year=2019)
    assert len(joined(*older, newer)) == 1
