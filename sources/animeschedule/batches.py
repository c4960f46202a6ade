"""What AnimeSchedule answers many at a time: entries by lists of foreign ids. Pure.

The documentation calls these parameters lists; that a list is the parameter repeated is a guess. So is ``mt=any``,
without which a work might have to bear all the ids at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sources.animeschedule.links import addresses
from sources.batch import Batch, Part, Question
from sources.errors import NotAnEntry
from sources.parsing.json_reply import load, mapping, objects, whole
from sources.parsing.links import collect_ids

FILTERS = {"mal": "mal-ids", "anilist": "anilist-ids", "anidb": "anidb-ids"}
PAGE = 18
"""Entries of a list on its first page, as one client counts them."""

_SITES = {parameter: site for site, parameter in FILTERS.items()}
_NOTHING = Part(b"Couldn't find anime with these parameters.", 404)


def _asks(question: Question) -> tuple[str, str] | None:
    """The filter and the id of a question for one id."""
    pairs = list(question.url.query.items())
    if question.method != "GET" or not question.url.path.endswith("/anime") or len(pairs) != 1:
        return None
    return pairs[0] if pairs[0][0] in _SITES and pairs[0][1].isdigit() else None


def _group(question: Question) -> str | None:
    asked = _asks(question)
    return asked[0] if asked else None


def _wanted(questions: Sequence[Question]) -> list[tuple[str, str]]:
    return [asked for one in questions if (asked := _asks(one))]


def _join(questions: Sequence[Question]) -> Question:
    pairs = list(dict.fromkeys(_wanted(questions)))
    return Question("GET", questions[0].url.with_query([("mt", "any"), *pairs]))


def _split(questions: Sequence[Question], body: bytes) -> list[Part | None]:
    answer = mapping(load(body))
    if not isinstance(answer.get("anime"), list):
        raise NotAnEntry("changed_layout", "the answer holds no list")
    entries = [(entry, collect_ids(addresses(entry).values())) for entry in objects(answer["anime"])]
    total = whole(answer.get("totalAmount"), 0)
    complete = len(entries) < PAGE if total is None else total <= len(entries)
    parts: list[Part | None] = []
    for parameter, wanted in _wanted(questions):
        own = [entry for entry, ids in entries if ids.get(_SITES[parameter]) == wanted]
        listed = {"page": 1, "totalAmount": len(own), "anime": own}
        absent = _NOTHING if complete else None
        parts.append(Part(json.dumps(listed, ensure_ascii=False).encode()) if own else absent)
    return parts


BATCHES = (Batch("lookup", PAGE, _group, _join, _split, none=404),)
"""Entries by the ids of one other site."""
