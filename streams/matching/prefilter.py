"""Which of many search results bear on a request: those that may answer it, and all that may be one work with them.

The others, which a site shows for one word in common, decide nothing and need not be compared. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from sources.base import Candidate
from streams.matching.hits import Wanted
from streams.matching.links import Ids, bonds, keys
from streams.text.normalization import TitleForm, form
from streams.text.similarity import slipped, without_articles

May = Callable[[Candidate], bool]


def relevant(
    wanted: Wanted,
    results: Mapping[str, Sequence[Candidate]],
    same: Sequence[Ids] = (),
    may: May | None = None,
) -> dict[str, list[Candidate]]:
    """``results`` without what can have no part in the answer; ``same`` are ids that the user says belong together.

    ``may`` says which entries may answer, if not those whose title is like the one asked for.
    """
    answers = may or _answering(wanted)
    holders = defaultdict[object, list[Candidate]](list)
    shared: dict[int, set[object]] = {}
    for candidate in _all(results):
        shared[id(candidate)] = bonds(candidate, same)
        for bond in shared[id(candidate)]:
            holders[bond].append(candidate)
    kept = {id(candidate): candidate for candidate in _all(results) if answers(candidate)}
    waiting = list(kept.values())
    while waiting:
        for bond in shared[id(waiting.pop())]:
            for candidate in holders.pop(bond, ()):
                if id(candidate) not in kept:
                    kept[id(candidate)] = candidate
                    waiting.append(candidate)
    return {
        source: [candidate for candidate in candidates if id(candidate) in kept]
        for source, candidates in results.items()
    }


def _all(results: Mapping[str, Sequence[Candidate]]) -> Iterable[Candidate]:
    return (candidate for candidates in results.values() for candidate in candidates)


def _answering(wanted: Wanted) -> May:
    """Which entries may answer; several sites list one title, which is looked at once."""
    asked = form(wanted.title or "")
    may_be = cache(lambda title: _may_be(asked, form(title)))

    def may_answer(candidate: Candidate) -> bool:
        if wanted.ids and not keys(candidate).isdisjoint(wanted.ids.items()):
            return True
        return bool(wanted.title) and any(map(may_be, candidate.called))

    return may_answer


def _may_be(asked: TitleForm, seen: TitleForm) -> bool:
    """Whether a title is like the one asked for at all, or goes on where it ends."""
    if seen.letters.startswith(asked.letters) or seen.written.startswith(asked.written):
        return True
    return seen.stem == asked.stem or without_articles(asked, seen) or slipped(asked, seen)
