"""What came of the questions, counted by kind, and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.identity.queries import Query
from sources.base import Candidate
from sources.discovery import id_name
from streams.matching.alternatives import plain
from streams.matching.identify import Identity
from streams.text.normalization import TitleForm, form

Answers = Mapping[str, Sequence[Candidate]]


@dataclass
class Tally:
    """Counts of one kind of question; ``excused`` are refusals of words that two works bear; ``empty`` are refusals that list nothing though a site showed the right entry.

    ``others`` are answers to a question whose work is on no site, with another work that bears the very words: they are
    right by all that anybody could see, and not ``false``.
    """

    asked: int = 0
    reachable: int = 0
    accepted: int = 0
    right: int = 0
    refused: int = 0
    named: int = 0
    empty: int = 0
    absent: int = 0
    false: int = 0
    others: int = 0
    requests: int = 0
    excused: int = 0


def right(identity: Identity, query: Query) -> bool:
    """Whether every chosen entry is the work's; where a data set alone knows it, whether its ids are."""
    ids = query.anime.ids
    if not identity.chosen:
        return not ids.items().isdisjoint(identity.evidence.ids.items())
    return all(ids.get(id_name(source)) == one.id for source, one in identity.chosen.items())


def excused(identity: Identity, query: Query) -> bool:
    """Whether two works really bear the words, and the refusal says so with the right one among those it lists."""
    return query.both and identity.verdict == "ambiguous" and listed(identity, query)


def listed(identity: Identity, query: Query) -> bool:
    """Whether a refusal lists the right work."""
    ids = query.anime.ids.items()
    return any(not ids.isdisjoint(one.ids.items()) for one in identity.candidates)


def bears(identity: Identity, query: Query) -> bool:
    """Whether a chosen entry has the very title that was asked for or meant, but for articles, the wording of a season and what stands in brackets."""
    return _bears(identity, form(plain(query.text))) or (query.made and _bears(identity, form(query.meant)))


def _bears(identity: Identity, asked: TitleForm) -> bool:
    chosen = identity.chosen.values()
    titles = [form(text) for one in chosen for text in (one.title, *one.titles)]
    titles += [] if chosen else [form(text) for text in identity.evidence.titles]
    bare = {form(one.bare).letters for one in titles} | {one.articleless for one in titles}
    dated = asked.year in {one.year for one in chosen} and form(asked.bare).letters in bare
    counted = any(
        one.in_series == asked.in_series and one.signature.kinds == asked.signature.kinds for one in titles
    )
    return asked.letters in bare or asked.articleless in bare - {""} or dated or counted


def reached(query: Query, results: Answers) -> bool:
    """Whether any site showed the right entry."""
    return any(one.id == query.anime.ids.get(id_name(s)) for s, found in results.items() for one in found)


def count(
    tally: Tally, identity: Identity, query: Query, results: Answers, absent: bool, requests: int
) -> None:
    """Count one answer."""
    accepted = identity.verdict == "accept"
    if absent:
        tally.absent += 1
        others = accepted and bears(identity, query)
        tally.others += others
        tally.false += accepted and not others
        return
    found = reached(query, results)
    tally.asked += 1
    tally.requests += requests
    tally.reachable += found
    if accepted:
        tally.accepted += 1
        tally.right += right(identity, query)
        return
    tally.refused += 1
    tally.excused += excused(identity, query)
    tally.named += listed(identity, query)
    tally.empty += found and not identity.candidates


def table(tallies: Mapping[str, Tally], order: Sequence[str]) -> str:
    """The counts as shares, in rows of ``order``."""
    head = "| asked by | queries | precision | strict recall | recall | recall where found | right one listed | wrong | false when absent | another's title | refused empty | requests |"
    rows = [head, "|" + "---|" * 12]
    for kind in order:
        if kind not in tallies:
            continue
        t = tallies[kind]
        cells = [
            _share(t.right, t.accepted),
            _share(t.right, t.asked),
            _share(t.right + t.excused, t.asked),
            _share(t.right + t.excused, t.reachable),
            _share(t.named, t.refused),
            f"{t.accepted - t.right}",
            _share(t.false, t.absent),
            f"{t.others}",
            f"{t.empty}",
            f"{t.requests / t.asked:.2f}" if t.asked else "-",
        ]
        rows.append(f"| {kind} | {t.asked or t.absent} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _share(part: int, whole: int) -> str:
    return f"{min(100, 100 * part / whole):.1f} %" if whole else "-"
