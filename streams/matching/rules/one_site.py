"""What speaks for an entry of one site being a work that is already known, as data: a name, a sentence and a weight each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from streams.contract.record import RuleReport
from streams.matching.comparison import Agreement
from streams.text.similarity import Likeness


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that two accounts agree or disagree on; ``applies`` gives its evidence, empty where it does not."""

    id: str
    sentence: str
    weight: float
    applies: Callable[[Agreement], str]


SIGNS = (
    Sign(
        "same_ids", "both carry the same id of a site", 6.0, lambda agreement: ", ".join(agreement.shared_ids)
    ),
    Sign(
        "other_ids",
        "they carry different ids of a site",
        -6.0,
        lambda agreement: ", ".join(agreement.other_ids),
    ),
    Sign(
        "title_in_common",
        "they have a title in common",
        3.0,
        lambda agreement: _title(agreement, in_common=True),
    ),
    Sign(
        "no_title_in_common",
        "they have no title in common",
        -4.0,
        lambda agreement: _title(agreement, in_common=False),
    ),
    Sign(
        "headings",
        "a heading of one is a title of the other",
        1.5,
        lambda agreement: _count(agreement.headed, "heading"),
    ),
    Sign(
        "more_titles",
        "they share more than one title",
        1.0,
        lambda agreement: _count(agreement.shared_titles, "title") if agreement.shared_titles > 1 else "",
    ),
    Sign("time_agrees", "date or year agree", 2.0, lambda agreement: "time" if agreement.time > 0 else ""),
    Sign("time_differs", "date or year differ", -6.0, lambda agreement: "time" if agreement.time < 0 else ""),
    Sign("type_agrees", "the type agrees", 1.0, lambda agreement: "type" if agreement.type > 0 else ""),
    Sign("type_differs", "the type differs", -6.0, lambda agreement: "type" if agreement.type < 0 else ""),
    Sign(
        "episodes_agree",
        "the number of episodes agrees",
        1.0,
        lambda agreement: "episodes" if agreement.episodes > 0 else "",
    ),
    Sign(
        "episodes_differ",
        "the number of episodes differs",
        -1.0,
        lambda agreement: "episodes" if agreement.episodes < 0 else "",
    ),
    Sign(
        "another_part",
        "the titles name different parts of a series",
        -4.0,
        lambda agreement: "by its title" if agreement.apart else "",
    ),
)

VERDICTS = {
    "user_says": "the user says so",
    "linked": "a link led to it, and nothing contradicts",
    "link_denied": "a link led to it, but it contradicts what the others say",
    "borne_out": "titles and facts bear it out, and no other entry comes near",
    "another_comes_near": "another entry would do as well",
    "not_borne_out": "titles and facts do not bear it out",
}
"""What can decide, by its name."""


def reports(agreement: Agreement, verdict: str) -> list[RuleReport]:
    """The signs that apply and the verdict, which weighs nothing of its own."""
    rules = [
        RuleReport(id=sign.id, sentence=sign.sentence, weight=sign.weight, evidence=evidence)
        for sign in SIGNS
        if (evidence := sign.applies(agreement))
    ]
    return [*rules, decided(verdict)]


def decided(verdict: str, weight: float = 0.0) -> RuleReport:
    """What decided."""
    return RuleReport(id=verdict, sentence=VERDICTS[verdict], weight=weight)


def _title(agreement: Agreement, in_common: bool) -> str:
    has = agreement.title >= Likeness.NEAR
    return (agreement.title.name.lower() if has else "none") if has == in_common else ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number > 1)}" if number else ""
