"""What the verdicts look at in a work and in the others that answer: each gives its evidence, empty where it does not apply."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.matching.hits import Hit
from streams.matching.rules.model import Case
from streams.text.similarity import Likeness

MANY = 3
"""Sites whose word on a title goes before what its form seems to say."""
ROOM = 2
"""Slips that another title must be farther away than the one that is taken."""
_UNLIKE = 0.4
"""Share of a title's letters that are other ones in a title that is not near at all."""
UNMISTAKABLE = 14
"""Letters from which a title with slips may be one that heads no entry, or that one site alone shows."""
_LONG_ENOUGH = 10
"""Letters of a title that a list of all titles alone vouches for, where nothing else in it is within two slips more."""
_BESIDE = frozenset({"OVA", "SPECIAL", "TV_SPECIAL"})
"""Types of a work that is often something beside a series."""
_SERIES = frozenset({"TV"})
"""The type of a work that is seldom something beside a series."""
ENOUGH_BITS = 10.0
"""How rare the words that two titles have in common must be: together once in so many doublings of titles."""


def _names(hits: Sequence[Hit]) -> str:
    return "; ".join(hit.work.candidates[0].title for hit in hits[:3])


def two_works(case: Case) -> str:
    """Works that answer as well."""
    return f"also {_names(case.tied)}" if case.tied else ""


def other_exactly(case: Case) -> str:
    """Another work that bears the title itself."""
    rivals = [
        other for other in case.others if other.level >= Likeness.WRITTEN > case.hit.level and other.fits
    ]
    return f"the title is that of {_names(rivals)}" if rivals else ""


def listed_by_many(case: Case) -> str:
    """Three sites or more list the title to the letter, and no other work does."""
    rivals = any(other.listing or other.level >= Likeness.SPELLED for other in case.others)
    many = len(case.hit.listing) >= MANY and not rivals
    return f"to the letter on {', '.join(case.hit.listing)}" if many else ""


def headed_in_brackets(case: Case) -> str:
    """Another work of the title that its site tells from this one by more in brackets."""
    return _names([other for other in case.others if other.shares and other.fits]) if case.borne else ""


def _by_many(hit: Hit) -> bool:
    """Whether three sites have the work, or two of which one would list what else is called so."""
    sites = len(hit.work.candidates)
    return sites >= MANY or (sites > 1 and hit.work.is_listed)


def series_name(case: Case) -> str:
    """A title that one site alone lists of an OVA is the series' name all the same: the series is not shown."""
    hit = case.hit
    beside = len(hit.bearers) == 1 and bool(hit.work.traits.types & _BESIDE)
    doubtful = hit.begins_others and (case.others or beside or not _by_many(hit)) and not hit.leads
    named = case.borne or hit.level == Likeness.MISSPELT
    return f"listed by {', '.join(hit.bearers)}" if named and doubtful and hit.year != 0 else ""


def sign_left_out(case: Case) -> str:
    """A sign that tells no works apart, or several inside a long heading."""
    hit = case.hit
    many = len(hit.bearers) >= MANY and (hit.main or hit.mild)
    borne_out = hit.settled or many or (hit.mild and hit.listing)
    alone = all(
        other.level == Likeness.BEGINNING or (hit.plain and not other.plain) or (hit.main and not other.main)
        for other in case.others
    )
    several = len(hit.work.candidates) > 1
    enough = (several and borne_out) or (hit.inside and hit.compared)
    return sites(hit) if hit.level == Likeness.UNMARKED and alone and enough else ""


def misspelt(case: Case) -> str:
    """A slip in a word, on which sites agree, or in a title that cannot be mistaken."""
    hit = case.hit
    sure = case.agreed and (hit.main or len(hit.bearers) > 1 or _by_many(hit))
    unmistakable = hit.main and not case.others and _unmistakable(hit)
    return sites(hit) if hit.level == Likeness.MISSPELT and (sure or unmistakable) else ""


def _unmistakable(hit: Hit) -> bool:
    """Whether a title is so long that one site's word is enough, where others have answered and show nothing like it."""
    return hit.length >= UNMISTAKABLE and hit.compared


def listed_in_its_year(case: Case) -> str:
    """Listed to the letter by a site that says the very year."""
    hit = case.hit
    sure = hit.level == Likeness.NEAR and hit.listing and hit.year == 0 and not case.rivalled
    return f"listed by {', '.join(hit.listing)} with that year" if sure else ""


def alone(level: Likeness) -> Callable[[Case], str]:
    """Several sites have the work, and none shows another one at ``level``, or only such as go on from its title."""

    def applies(case: Case) -> str:
        hit = case.hit
        alone = hit.leads or not any(other.level == level or _within(other, hit) for other in case.others)
        enough = level not in {Likeness.LEFT_OUT, Likeness.AMONG} or hit.rarity >= ENOUGH_BITS
        vouched = level == Likeness.COUNTED or hit.main or len(hit.bearers) > 1 or _by_many(hit)
        listed = hit.work.is_listed and len(hit.seen) >= _LONG_ENOUGH
        sole = hit.main and _unmistakable(hit)
        only = (level == Likeness.SLIPPED and (listed or sole)) or (
            level == Likeness.LEFT_OUT and sole and hit.rarity >= 2 * ENOUGH_BITS
        )
        sure = alone and enough and (only or (vouched and len(hit.work.candidates) > 1)) and not hit.year
        return sites(hit) if hit.level == level and sure else ""

    return applies


def _within(other: Hit, hit: Hit) -> bool:
    """Whether a title is hardly farther from the one asked for than a title with slips that is to be taken."""
    near = other.slips <= min(hit.slips + ROOM, _UNLIKE * hit.length)
    return near and hit.level == Likeness.SLIPPED and other.level == Likeness.BEGINNING


def words_that_go_on(case: Case) -> str:
    """A title that goes on is meant of the series itself, not of a later season, a film or a special beside it."""
    work = case.hit.work
    later = any(title.signature.later for title in work.traits.titles) or any(
        entry.follows for entry in work.candidates
    )
    return alone(Likeness.AMONG)(case) if work.traits.types == _SERIES and not later else ""


def season_of_the_year(case: Case) -> str:
    """The season that ``Series (2016)`` means: the only one of that year, beside a first season of another."""
    hit, others = case.hit, case.others
    if (
        hit.year != 0
        or not hit.fits
        or not any(other.year and other.level >= Likeness.NEAR for other in others)
    ):
        return ""
    if any(other.year == 0 and other.level > Likeness.BEGINNING for other in others):
        return ""
    named = hit.level == Likeness.SERIES or (hit.level == Likeness.NEAR and not hit.plain)
    return "the only season of that year" if named else ""


def sites(hit: Hit) -> str:
    """The sites that have the work, and the title that answers where it is not quite the one asked for."""
    return f"{', '.join(hit.work.sources)} agree" + (f" on {hit.seen}" if hit.seen else "")


def where(holds: object, evidence: str) -> str:
    """The evidence where the condition holds."""
    return evidence if holds else ""
