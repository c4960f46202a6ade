"""Whether the better work is enough to be accepted: the first of these that applies decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.matching.hits import Hit
from streams.matching.rules.model import Case, Rule, RuleSet
from streams.matching.rules.preferences import PREFERENCES
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
    return "; ".join(one.work.candidates[0].title for one in hits[:3])


def _two_works(case: Case) -> str:
    return f"also {_names(case.tied)}" if case.tied else ""


def _other_exactly(case: Case) -> str:
    found = [one for one in case.others if one.level >= Likeness.WRITTEN > case.hit.level and one.fits]
    return f"the title is that of {_names(found)}" if found else ""


def _listed_by_many(case: Case) -> str:
    rivals = any(one.listing or one.level >= Likeness.SPELLED for one in case.others)
    many = len(case.hit.listing) >= MANY and not rivals
    return f"to the letter on {', '.join(case.hit.listing)}" if many else ""


def _headed_in_brackets(case: Case) -> str:
    found = [one for one in case.others if one.shares and one.fits]
    return _names(found) if case.borne and found else ""


def _by_many(hit: Hit) -> bool:
    """Whether three sites have the work, or two of which one would list what else is called so."""
    sites = len(hit.work.candidates)
    return sites >= MANY or (sites > 1 and hit.work.is_listed)


def _series_name(case: Case) -> str:
    """A title that one site alone lists of an OVA is the series' name all the same: the series is not shown."""
    hit = case.hit
    few = len(hit.bearers) < MANY and not _by_many(hit)
    beside = len(hit.bearers) == 1 and bool(hit.work.traits.types & _BESIDE)
    doubtful = hit.begins_others and (case.others or few or beside) and not hit.leads
    named = case.borne or hit.level == Likeness.MISSPELT
    return f"listed by {', '.join(hit.bearers)}" if named and doubtful and hit.year != 0 else ""


def _sign_left_out(case: Case) -> str:
    hit = case.hit
    many = len(hit.bearers) >= MANY and (hit.main or hit.mild)
    told = hit.settled or many or (hit.mild and hit.listing)
    alone = all(
        one.level == Likeness.BEGINNING or (hit.plain and not one.plain) or (hit.main and not one.main)
        for one in case.others
    )
    several = len(hit.work.candidates) > 1
    enough = (several and told) or (hit.inside and hit.compared)
    return _sites(hit) if hit.level == Likeness.UNMARKED and alone and enough else ""


def _misspelt(case: Case) -> str:
    hit = case.hit
    sure = case.agreed and (hit.main or len(hit.bearers) > 1 or _by_many(hit))
    unmistakable = hit.main and not case.others and _unmistakable(hit)
    return _sites(hit) if hit.level == Likeness.MISSPELT and (sure or unmistakable) else ""


def _unmistakable(hit: Hit) -> bool:
    """Whether a title is so long that one site's word is enough, where others have answered and show nothing like it."""
    return hit.length >= UNMISTAKABLE and hit.compared


def _listed_in_its_year(case: Case) -> str:
    hit = case.hit
    sure = hit.level == Likeness.NEAR and hit.listing and hit.year == 0 and not case.rivalled
    return f"listed by {', '.join(hit.listing)} with that year" if sure else ""


def _alone(level: Likeness) -> Callable[[Case], str]:
    """Several sites have the work, and none shows another one at ``level``, or only such as go on from its title."""

    def applies(case: Case) -> str:
        hit = case.hit
        alone = hit.leads or not any(one.level == level or _within(one, hit) for one in case.others)
        enough = level not in {Likeness.LEFT_OUT, Likeness.AMONG} or hit.rarity >= ENOUGH_BITS
        vouched = level == Likeness.COUNTED or hit.main or len(hit.bearers) > 1 or _by_many(hit)
        listed = hit.work.is_listed and len(hit.seen) >= _LONG_ENOUGH
        only = level == Likeness.SLIPPED and (listed or (hit.main and _unmistakable(hit)))
        sure = alone and enough and (only or (vouched and len(hit.work.candidates) > 1)) and not hit.year
        return _sites(hit) if hit.level == level and sure else ""

    return applies


def _within(other: Hit, hit: Hit) -> bool:
    """Whether a title is hardly farther from the one asked for than a title with slips that is to be taken."""
    near = other.slips <= min(hit.slips + ROOM, _UNLIKE * hit.length)
    return near and hit.level == Likeness.SLIPPED and other.level == Likeness.BEGINNING


def _words_that_go_on(case: Case) -> str:
    """A title that goes on is meant of the series itself, not of a later season, a film or a special beside it."""
    work = case.hit.work
    later = any(one.signature.later for one in work.traits.titles) or any(
        one.follows for one in work.candidates
    )
    return _alone(Likeness.AMONG)(case) if work.traits.types == _SERIES and not later else ""


def _season_of_the_year(case: Case) -> str:
    """The season that ``Series (2016)`` means: the only one of that year, beside a first season of another."""
    hit, others = case.hit, case.others
    if hit.year != 0 or not hit.fits or not any(one.year and one.level >= Likeness.NEAR for one in others):
        return ""
    if any(one.year == 0 and one.level > Likeness.BEGINNING for one in others):
        return ""
    named = hit.level == Likeness.SERIES or (hit.level == Likeness.NEAR and not hit.plain)
    return "the only season of that year" if named else ""


def _sites(hit: Hit) -> str:
    return f"{', '.join(hit.work.sources)} agree" + (f" on {hit.seen}" if hit.seen else "")


def _where(found: object, evidence: str) -> str:
    return evidence if found else ""


VERDICTS = (
    Rule(
        "pinned",
        "the user says that this title means this work",
        "accept",
        20.0,
        lambda case: _where(case.pinned, "pinned"),
    ),
    Rule("two_works", "two works answer equally well", "refuse", -8.0, _two_works),
    Rule(
        "id_of_another_part",
        "the id is of another part of the series than the title names",
        "refuse",
        -10.0,
        lambda case: _where(case.hit.ids and case.hit.apart, "its headings name another part"),
    ),
    Rule(
        "id_of_another_title",
        "the id is of one work and the title of another",
        "refuse",
        -10.0,
        lambda case: _where(case.hit.ids, _other_exactly(case)),
    ),
    Rule(
        "asked_by_id",
        "the work that the asker's id names",
        "accept",
        6.0,
        lambda case: _where(case.hit.ids, f"on {', '.join(case.hit.work.sources)}"),
    ),
    Rule(
        "facts_differ",
        "year or type are not those asked for",
        "refuse",
        -8.0,
        lambda case: _where(not case.hit.fits, "year or type differ"),
    ),
    Rule(
        "year_is_anothers",
        "another work is of the very year asked for",
        "refuse",
        -6.0,
        lambda case: _where(case.hit.year and case.rivalled, "one year apart"),
    ),
    Rule(
        "accounts_split",
        "its entries and those of another work are linked and contradict each other",
        "refuse",
        -6.0,
        lambda case: _where(case.hit.work.split, ", ".join(case.hit.work.split)),
    ),
    Rule(
        "heads_in_its_year",
        "it heads an entry of the very year asked for",
        "accept",
        5.0,
        lambda case: _where(
            (case.borne or case.hit.level == Likeness.UNMARKED) and case.hit.main and case.hit.year == 0,
            "year and heading agree",
        ),
    ),
    Rule(
        "listed_by_many",
        "three sites list it to the letter, and no other work is called so",
        "accept",
        5.0,
        _listed_by_many,
    ),
    Rule(
        "heading_in_brackets",
        "a site tells another work of this title from it by more in brackets",
        "refuse",
        -8.0,
        _headed_in_brackets,
    ),
    Rule(
        "headed_with_more",
        "its own site heads it with more in brackets, to tell it from another work",
        "refuse",
        -8.0,
        lambda case: _where(case.borne and case.hit.shares and case.hit.year != 0, "the heading says more"),
    ),
    Rule(
        "name_of_the_series",
        "the title is only listed and begins other titles: it may be the name of the series",
        "refuse",
        -8.0,
        _series_name,
    ),
    Rule(
        "counted_otherwise",
        "it is listed in other words as the season asked for, and its headings count another one",
        "refuse",
        -6.0,
        lambda case: _where(
            case.borne and case.hit.level < Likeness.WRITTEN and case.hit.otherwise,
            "its headings count otherwise",
        ),
    ),
    Rule(
        "heads",
        "it heads an entry, and no other work is called so",
        "accept",
        4.0,
        lambda case: _where(case.borne and case.hit.main, f"on {', '.join(case.hit.work.sources)}"),
    ),
    Rule(
        "listed",
        "a site lists it, and no other work is called so",
        "accept",
        3.0,
        lambda case: _where(case.borne and not case.hit.year, f"on {', '.join(case.hit.bearers)}"),
    ),
    Rule(
        "reworded_heading",
        "the heading says in brackets what the site says beside it",
        "accept",
        3.0,
        lambda case: _where(case.hit.level == Likeness.REWORDED and case.hit.main, "nothing but wording"),
    ),
    Rule(
        "first_season",
        "several sites have it as the season that a title without a number means, and no other work is called so",
        "accept",
        3.0,
        lambda case: _where(case.hit.level == Likeness.REWORDED and case.agreed, _sites(case.hit)),
    ),
    Rule(
        "sign_left_out",
        "the sign that was left out tells no works apart, and several sites agree on the one work",
        "accept",
        3.0,
        _sign_left_out,
    ),
    Rule(
        "listed_in_its_year",
        "listed to the letter, and no other work of the very year asked for answers",
        "accept",
        4.0,
        _listed_in_its_year,
    ),
    Rule("misspelt", "a slip in a word, and several sites agree on the one work", "accept", 3.0, _misspelt),
    Rule(
        "season_counted",
        "the season that was counted along the series, by its titles or dates",
        "accept",
        3.0,
        _alone(Likeness.COUNTED),
    ),
    Rule(
        "words_of_one_title",
        "all words are of one work's title, rare together, and several sites have it",
        "accept",
        4.0,
        _alone(Likeness.LEFT_OUT),
    ),
    Rule(
        "words_that_go_on",
        "all words are of one series' titles, rare together, and several sites have the work that it begins with",
        "accept",
        3.0,
        _words_that_go_on,
    ),
    Rule(
        "one_slip",
        "one slip, or two in a long title, several sites agree, and nothing else is within two more",
        "accept",
        4.0,
        _alone(Likeness.SLIPPED),
    ),
    Rule(
        "season_of_the_year",
        "the season of its series that came out in the year asked for",
        "accept",
        4.0,
        _season_of_the_year,
    ),
    Rule(
        "another_part",
        "it is another part of the series asked for",
        "refuse",
        -4.0,
        lambda case: _where(case.hit.level == Likeness.SERIES, "by its title"),
    ),
    Rule(
        "only_begins_so",
        "its title only begins with what was asked for",
        "refuse",
        -4.0,
        lambda case: _where(case.hit.level == Likeness.BEGINNING, case.hit.work.candidates[0].title),
    ),
    Rule(
        "too_little",
        "likeness alone never decides: too few sites agree, or too many works are alike",
        "refuse",
        -3.0,
        lambda case: f"title {case.hit.level.name.lower()}",
    ),
)
"""In the order in which they are asked."""

RULES = RuleSet(PREFERENCES, VERDICTS)
"""The rules in force."""
