"""What the answer to a joint request means for those who asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from yarl import URL

from cache.rules import Rejection, Reply
from sources.batch import Batch, Part, Question
from sources.bulk.judging import Fate, judged, works_alone
from sources.errors import Reason

Refuse = Callable[[Reply], Rejection | None]


def reply(status: int) -> Reply:
    return Reply("GET", "http://site/", status, {}, b"")


def batch(none: int | None = None) -> Batch:
    return Batch("kind", 8, lambda _: "", lambda _: Question("GET", URL()), lambda *_: [Part(b"")], none)


def good(_: Reply) -> None:
    return None


def refused(reason: str, latch: float = 0.0) -> Refuse:
    return lambda _: Rejection(reason, latch)


@pytest.mark.parametrize(
    ("status", "none", "refuse", "fate"),
    [
        (200, None, good, Fate.SPLIT),
        (299, None, good, Fate.SPLIT),
        (300, None, good, Fate.SHARED),
        (399, None, good, Fate.SHARED),
        (400, None, good, Fate.DOUBTED),
        (500, None, good, Fate.DOUBTED),
        (401, None, good, Fate.SHARED),
        (403, None, good, Fate.SHARED),
        (429, None, good, Fate.SHARED),
        (404, None, good, Fate.DOUBTED),
        (404, 404, good, Fate.NONE),
        (403, 403, good, Fate.SHARED),
        (200, None, refused("bad_reply"), Fate.DOUBTED),
        (200, None, refused("bad_reply", 1.0), Fate.SHARED),
        (500, None, refused("bad_reply", 1.0), Fate.SHARED),
        *(
            (500, None, refused(reason), Fate.SHARED)
            for reason in ("banned", "challenge", "forbidden", "rate_limited", "unavailable")
        ),
    ],
)
def test_a_ban_and_a_limit_are_meant_for_all_and_the_rest_may_be_about_one_of_them(
    status: int, none: int | None, refuse: Refuse, fate: Fate
) -> None:
    assert judged(batch(none), reply(status), refuse) is fate


@pytest.mark.parametrize(
    ("status", "refuse", "works"),
    [
        (200, good, True),
        (399, good, True),
        (400, good, False),
        (404, good, True),
        (410, good, True),
        (404, refused("bad_reply"), True),
        (200, refused(Reason.BAD_REPLY), False),
    ],
)
def test_a_site_works_that_says_of_one_that_there_is_no_such_thing(
    status: int, refuse: Refuse, works: bool
) -> None:
    assert works_alone(reply(status), refuse) is works
