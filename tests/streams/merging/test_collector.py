"""The cycle collector rests while a record is built, and only then."""

from __future__ import annotations

import gc

import pytest

from streams.config.policy_file import default_policy
from streams.merging.collector import uncollected
from streams.merging.merge import merge
from tests.support.partials import partial


@uncollected
def build(fails: bool) -> bool:
    if fails:
        raise ValueError
    return gc.isenabled()


def test_the_collector_rests_while_something_is_built_and_works_again_after() -> None:
    assert build(fails=False) is False
    assert gc.isenabled()
    with pytest.raises(ValueError):
        build(fails=True)
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        merge({"jikan": partial("jikan", title="The Voyage")}, asked=["jikan"], policy=default_policy())
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_merge_makes_no_cycles_that_would_wait_for_the_collector() -> None:
    one = {"jikan": partial("jikan", title="The Voyage"), "anilist": partial("anilist", title="The Voyage")}
    merge(one, asked=list(one), policy=default_policy())
    gc.collect()
    merge(one, asked=list(one), policy=default_policy())
    assert gc.collect() == 0
