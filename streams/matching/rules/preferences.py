"""Which of two works answers better: the first of these that tells them apart decides."""

from __future__ import annotations

from streams.matching.rules.model import Preference
from streams.text.similarity import Likeness

PREFERENCES = (
    Preference(
        "named_by_id",
        "an id that the asker gave goes before any title",
        8.0,
        lambda hit: min(hit.ids, 1),
        lambda _: "id as asked",
    ),
    Preference(
        "named_by_ids",
        "several ids that the asker gave go before one",
        4.0,
        lambda hit: max(hit.ids - 1, 0),
        lambda hit: f"{hit.ids} ids as asked",
    ),
    Preference(
        "facts_allow_it",
        "a work whose year and type allow it goes before one that they speak against",
        0.5,
        lambda hit: hit.fits,
        lambda _: "nothing asked for speaks against it",
    ),
    Preference(
        "title",
        "the work whose title is more like the one asked for goes first",
        0.0,
        lambda hit: hit.level,
        lambda hit: f"title {hit.level.name.lower()}" + (f": {hit.seen}" if hit.seen else ""),
    ),
    Preference(
        "leads_its_series",
        "of works that have all the words the one that the others are seasons or films of goes first",
        0.5,
        lambda hit: hit.leads and hit.level <= Likeness.LEFT_OUT,
        lambda _: "the others are of its series",
    ),
    Preference(
        "year_as_asked",
        "the very year that was asked for goes before one beside it",
        2.0,
        lambda hit: hit.year == 0,
        lambda _: "year as asked",
    ),
    Preference(
        "type_as_asked",
        "the very type that was asked for goes before one that sites mix up with it",
        1.0,
        lambda hit: hit.typed,
        lambda _: "type as asked",
    ),
    Preference(
        "heads_an_entry",
        "a title that heads an entry goes before one that is only listed",
        1.5,
        lambda hit: hit.main,
        lambda hit: f"heads the entry of {', '.join(hit.work.sources)}",
    ),
    Preference(
        "asked_in_full",
        "a heading that says no more than was asked for goes before one with a season, a kind or a year",
        0.5,
        lambda hit: hit.plain,
        lambda _: "no heading says more",
    ),
)
