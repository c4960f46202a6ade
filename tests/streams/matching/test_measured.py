"""Identity on real titles keeps its bars; the whole evaluation is `benchmarks.identity.evaluation`."""

from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="numpy comes with the extra crawl")

from benchmarks.identity import evaluation, own, recorded
from benchmarks.identity.queries import KINDS, Query, queries
from benchmarks.identity.sites import Anime, Sites, load
from benchmarks.identity.tally import excused
from streams.matching.identify import Wanted, identify
from tests.support.entries import on_anilist

UPSTREAM = Path(__file__).parents[4] / "shared" / "upstream"
SAMPLE = UPSTREAM / "offline-database-sample.jsonl"
RECORDINGS = UPSTREAM / "recordings"


def test_the_typed_titles_and_names_of_files_are_as_many_as_promised_and_of_works_that_are_there() -> None:
    works = own.works()
    typed, files = own.typed(works), own.files(works)
    kinds = [query.kind for query in typed]
    least = {"abbreviation": 100, "alias and season": 60, "words left out": 60, "misspelt": 40}
    assert len(typed) >= 300
    assert len(files) >= 100
    assert all(kinds.count(f"typed: {kind}") >= number for kind, number in least.items())


def _anime(key: str, title: str, *synonyms: str) -> Anime:
    return Anime(key, title, (), (), synonyms, (), (), "TV", 2000, 12, {"mal": key, "anilist": key}, key, 1)


def test_a_refusal_is_excused_only_where_two_works_really_bear_the_words_and_the_right_one_is_listed() -> (
    None
):
    right, other = _anime("1", "Yuru Yuri!", "Phantom Trigger"), _anime("2", "Yuru Yuri!+", "Phantom Trigger")
    sites = Sites([right, other, _anime("3", "Naruto"), _anime("4", "Naruto: Shippuuden")])
    assert sites.bearing("yuru yuri", "Yuru Yuri!") == {"1", "2"}
    assert sites.bearing("Fantom Trigger", Query("", "Fantom Trigger", right).meant) == {"1", "2"}
    assert sites.bearing("Naruto", "Naruto") == {"3"}
    assert sites.bearing("Shippuuden Naruto", "Naruto") == {"3", "4"}
    entries = [on_anilist(1, "Phantom Trigger"), on_anilist(2, "Phantom Trigger")]
    both = identify(Wanted("Phantom Trigger"), {"anilist": entries})
    assert excused(both, Query("", "Phantom Trigger", right, both=True))
    assert not excused(both, Query("", "Phantom Trigger", right))
    assert not excused(both, Query("", "Phantom Trigger", _anime("3", "Naruto"), both=True))


@pytest.mark.slow
def test_what_people_type_is_found_on_our_own_rows() -> None:
    works = own.works()
    asked = [*own.typed(works)[::3], *own.files(works)[::2]]
    never = queries(works, 60, kinds=("never made",))
    tallies = evaluation.evaluate(Sites(works), [*asked, *never])
    every = tallies["all"]
    assert every.right / every.accepted >= 0.99
    assert (every.right + every.excused) / every.reachable >= 0.85
    assert every.empty == 0
    assert tallies["named file"].accepted == tallies["named file"].right
    assert tallies["never made"].false == 0


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of real anime is not here")
def test_identity_on_the_sample_is_precise_and_finds_what_is_there() -> None:
    anime = load(SAMPLE)
    asked = queries([one for one in anime if evaluation.half_of(one) == "report"], 50)
    tallies = evaluation.evaluate(Sites(anime), asked)
    every = tallies["all"]
    assert every.right / every.accepted >= 0.995
    assert every.false / every.absent <= 0.015
    assert every.empty == 0
    for kind in ("romaji", "native", "english", "family"):
        assert tallies[kind].right / tallies[kind].asked >= 0.9
    assert tallies["misspelt"].right / tallies["misspelt"].reachable >= 0.85
    spelled = [tallies[kind] for kind in KINDS if kind != "misspelt"]
    assert sum(one.right for one in spelled) / sum(one.asked for one in spelled) >= 0.9


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recorded searches are not here")
@pytest.mark.parametrize("site", recorded.SITES)
def test_no_recorded_search_is_answered_with_another_work(site: str) -> None:
    outcomes = []
    for search in recorded.recorded(RECORDINGS, site):
        found = {site: recorded.candidates(site, search["candidates"])}
        outcomes.append(recorded.outcome(site, search, identify(Wanted(search["query"]), found)))
    assert "wrong" not in outcomes
    assert outcomes.count("right") >= 30
