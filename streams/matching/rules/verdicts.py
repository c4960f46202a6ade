"""Whether the better work is enough to be accepted: the first of these that applies decides."""

from __future__ import annotations

from streams.matching.rules.conditions import (
    alone,
    headed_in_brackets,
    listed_by_many,
    listed_in_its_year,
    misspelt,
    other_exactly,
    season_of_the_year,
    series_name,
    sign_left_out,
    sites,
    two_works,
    where,
    words_that_go_on,
)
from streams.matching.rules.model import Rule, RuleSet
from streams.matching.rules.preferences import PREFERENCES
from streams.text.similarity import Likeness

VERDICTS = (
    Rule(
        "pinned",
        "the user says that this title means this work",
        "accept",
        20.0,
        lambda case: where(case.pinned, "pinned"),
    ),
    Rule("two_works", "two works answer equally well", "refuse", -8.0, two_works),
    Rule(
        "id_of_another_part",
        "the id is of another part of the series than the title names",
        "refuse",
        -10.0,
        lambda case: where(case.hit.ids and case.hit.apart, "its headings name another part"),
    ),
    Rule(
        "id_of_another_title",
        "the id is of one work and the title of another",
        "refuse",
        -10.0,
        lambda case: where(case.hit.ids, other_exactly(case)),
    ),
    Rule(
        "asked_by_id",
        "the work that the asker's id names",
        "accept",
        6.0,
        lambda case: where(case.hit.ids, f"on {', '.join(case.hit.work.sources)}"),
    ),
    Rule(
        "facts_differ",
        "year or type are not those asked for",
        "refuse",
        -8.0,
        lambda case: where(not case.hit.fits, "year or type differ"),
    ),
    Rule(
        "year_is_anothers",
        "another work is of the very year asked for",
        "refuse",
        -6.0,
        lambda case: where(case.hit.year and case.rivalled, "one year apart"),
    ),
    Rule(
        "accounts_split",
        "its entries and those of another work are linked and contradict each other",
        "refuse",
        -6.0,
        lambda case: where(case.hit.work.split, ", ".join(case.hit.work.split)),
    ),
    Rule(
        "heads_in_its_year",
        "it heads an entry of the very year asked for",
        "accept",
        5.0,
        lambda case: where(
            (case.borne or case.hit.level == Likeness.UNMARKED) and case.hit.main and case.hit.year == 0,
            "year and heading agree",
        ),
    ),
    Rule(
        "listed_by_many",
        "three sites list it to the letter, and no other work is called so",
        "accept",
        5.0,
        listed_by_many,
    ),
    Rule(
        "heading_in_brackets",
        "a site tells another work of this title from it by more in brackets",
        "refuse",
        -8.0,
        headed_in_brackets,
    ),
    Rule(
        "headed_with_more",
        "its own site heads it with more in brackets, to tell it from another work",
        "refuse",
        -8.0,
        lambda case: where(case.borne and case.hit.shares and case.hit.year != 0, "the heading says more"),
    ),
    Rule(
        "name_of_the_series",
        "the title is only listed and begins other titles: it may be the name of the series",
        "refuse",
        -8.0,
        series_name,
    ),
    Rule(
        "counted_otherwise",
        "it is listed in other words as the season asked for, and its headings count another one",
        "refuse",
        -6.0,
        lambda case: where(
            case.hit.level == Likeness.SPELLED and case.hit.otherwise and case.hit.year != 0,
            "its headings count otherwise",
        ),
    ),
    Rule(
        "heads",
        "it heads an entry, and no other work is called so",
        "accept",
        4.0,
        lambda case: where(case.borne and case.hit.main, f"on {', '.join(case.hit.work.sources)}"),
    ),
    Rule(
        "listed",
        "a site lists it, and no other work is called so",
        "accept",
        3.0,
        lambda case: where(case.borne and not case.hit.year, f"on {', '.join(case.hit.bearers)}"),
    ),
    Rule(
        "reworded_heading",
        "the heading says in brackets what the site says beside it",
        "accept",
        3.0,
        lambda case: where(case.hit.level == Likeness.REWORDED and case.hit.main, "nothing but wording"),
    ),
    Rule(
        "first_season",
        "several sites have it as the season that a title without a number means, and no other work is called so",
        "accept",
        3.0,
        lambda case: where(case.hit.level == Likeness.REWORDED and case.agreed, sites(case.hit)),
    ),
    Rule(
        "sign_left_out",
        "the sign that was left out tells no works apart, and several sites agree on the one work",
        "accept",
        3.0,
        sign_left_out,
    ),
    Rule(
        "listed_in_its_year",
        "listed to the letter, and no other work of the very year asked for answers",
        "accept",
        4.0,
        listed_in_its_year,
    ),
    Rule("misspelt", "a slip in a word, and several sites agree on the one work", "accept", 3.0, misspelt),
    Rule(
        "season_counted",
        "the season that was counted along the series, by its titles or dates",
        "accept",
        3.0,
        alone(Likeness.COUNTED),
    ),
    Rule(
        "words_of_one_title",
        "all words are of one work's title, rare together, and several sites have it",
        "accept",
        4.0,
        alone(Likeness.LEFT_OUT),
    ),
    Rule(
        "words_that_go_on",
        "all words are of one series' titles, rare together, and several sites have the work that it begins with",
        "accept",
        3.0,
        words_that_go_on,
    ),
    Rule(
        "one_slip",
        "one slip, or two in a long title, several sites agree, and nothing else is within two more",
        "accept",
        4.0,
        alone(Likeness.SLIPPED),
    ),
    Rule(
        "season_of_the_year",
        "the season of its series that came out in the year asked for",
        "accept",
        4.0,
        season_of_the_year,
    ),
    Rule(
        "another_part",
        "it is another part of the series asked for",
        "refuse",
        -4.0,
        lambda case: where(case.hit.level == Likeness.SERIES, "by its title"),
    ),
    Rule(
        "only_begins_so",
        "its title only begins with what was asked for",
        "refuse",
        -4.0,
        lambda case: where(case.hit.level == Likeness.BEGINNING, case.hit.work.candidates[0].title),
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
