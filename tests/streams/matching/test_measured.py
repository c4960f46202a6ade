"""Identity on a sample of real anime keeps its bars; the whole evaluation is `benchmarks.identity.evaluation`."""

from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="numpy comes with the extra crawl")

from benchmarks.identity import evaluation, recorded
from benchmarks.identity.queries import KINDS, queries
from benchmarks.identity.sites import Sites, load
from streams.matching.identify import Wanted, identify

UPSTREAM = Path(__file__).parents[4] / "shared" / "upstream"
SAMPLE = UPSTREAM / "offline-database-sample.jsonl"
RECORDINGS = UPSTREAM / "recordings"


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of real anime is not here")
def test_identity_on_the_sample_is_precise_and_finds_what_is_there() -> None:
    anime = load(SAMPLE)
    asked = queries([one for one in anime if evaluation.half_of(one) == "report"], 50)
    tallies = evaluation.evaluate(Sites(anime), asked)
    every = tallies["all"]
    assert every.right / every.accepted >= 0.995
    assert every.false / every.absent <= 0.01
    for kind in ("romaji", "native", "english", "family"):
        assert tallies[kind].right / tallies[kind].asked >= 0.9
    assert tallies["misspelt"].right / tallies["misspelt"].asked >= 0.65
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
