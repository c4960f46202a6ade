"""What holds for identity whatever the sites show."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sources.base import Candidate
from streams.matching.identify import Identity, Wanted, identify
from tests.support.entries import entry, ids, on_anilist, on_kitsu

Results = dict[str, list[Candidate]]

words = st.sampled_from(["Hoshi", "Sora", "Kaze", "Umi", "Hikari", "Kage", "Yume", "Tsuki"])
names = st.lists(words, min_size=2, max_size=4).map(" ".join)
suffixes = st.sampled_from(
    ["", " 2", " Season 2", " 2nd Season", " II", " Part 2", "!", "!!", " (2019)", " OVA", ": Final Season"]
)


@st.composite
def worlds(draw: st.DrawFn) -> Results:
    """A few works, each on some of the sites."""
    results: Results = {"anilist": [], "kitsu": [], "jikan": []}
    for number in range(1, draw(st.integers(1, 5)) + 1):
        title = draw(names) + draw(suffixes)
        year = draw(st.sampled_from([None, 2001, 2010, 2019]))
        on = draw(st.sets(st.sampled_from(sorted(results)), min_size=1))
        if "anilist" in on:
            results["anilist"].append(on_anilist(1000 + number, title, mal=number, year=year))
        if "kitsu" in on:
            results["kitsu"].append(on_kitsu(2000 + number, title, mal=number, year=year))
        if "jikan" in on:
            results["jikan"].append(entry("jikan", number, title, year=year))
    return results


@settings(deadline=None)
@given(worlds(), st.randoms(use_true_random=False), st.data())
def test_the_order_of_candidates_does_not_matter(
    results: Results, chance: random.Random, data: st.DataObject
) -> None:
    title = data.draw(st.sampled_from([one.title for found in results.values() for one in found]))
    shuffled = {source: chance.sample(found, len(found)) for source, found in reversed(results.items())}
    assert _plain(identify(Wanted(title), shuffled)) == _plain(identify(Wanted(title), results))


def _plain(identity: Identity) -> tuple[object, ...]:
    return (identity.verdict, identity.evidence, sorted(ids(identity).items()), identity.candidates)


@settings(deadline=None)
@given(worlds(), st.data())
def test_an_unrelated_candidate_never_turns_the_verdict_to_another_work(
    results: Results, data: st.DataObject
) -> None:
    title = data.draw(st.sampled_from([one.title for found in results.values() for one in found]))
    before = identify(Wanted(title), results)
    stranger = on_kitsu(9999, data.draw(names) + " Gaiden", mal=9999)
    after = identify(Wanted(title), {**results, "kitsu": [*results["kitsu"], stranger]})
    assert (after.verdict, ids(after)) == (before.verdict, ids(before))


@settings(deadline=None)
@given(
    names,
    st.sampled_from([" 2", " Season 2", " 2nd Season", " II", " Part 2", "!!", ": Final Season", " OVA"]),
    st.data(),
)
def test_a_sequels_exact_title_never_gives_the_first_season(
    name: str, suffix: str, data: st.DataObject
) -> None:
    first = on_anilist(1, name, year=2010, type="TV")
    sequel = on_anilist(2, name + suffix, *data.draw(st.sampled_from([(), (name,)])), year=2012)
    found = data.draw(st.sampled_from([[first], [sequel, first], [first, sequel]]))
    identity = identify(Wanted(name + suffix), {"anilist": found})
    assert ids(identity).get("anilist") != "1"
