"""Whether a title is the work's own, its series' or another part's, by what else its entries are called. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.matching.clusters import Work
from streams.matching.profile import Traits
from streams.text.normalization import TitleForm, form
from streams.text.similarity import Likeness, Said, names_another, names_later

_LEFT_OUT = frozenset("!?.,'|")
"""Signs that people leave out; signs such as ``*`` or ``♭`` are there to set works apart."""
_INSIDE = frozenset("!|")
"""Signs inside a title that set no works apart, as ``?`` may; ``.`` and ``,`` merely separate there."""
_SENTENCE_ENDS = frozenset(["", "!", "?", ".", ","])
_MAIN = frozenset({"TV"})
_LONG_ENOUGH = 12
"""Letters of a title that hardly another work bears but for signs inside."""
_MORE_WORDS = re.compile(r"\W*\s")
_SAYS_NOTHING = re.compile(r"\W*(?:the animation|tv)\W*$")


def says_more(main: TitleForm, asked: TitleForm) -> bool:
    """Whether a heading title names a part, a kind or a year that was not asked for."""
    if main.signature.is_sequel and not asked.signature.is_sequel:
        return True
    kind = main.type not in {None, "TV", asked.type}
    return bool(main.signature.kinds - asked.signature.kinds or (main.year and not asked.year) or kind)


def shares(asked: TitleForm, seen: Traits) -> bool:
    """Whether the title asked for is a title of an entry that is headed ``Title (2019)`` or ``Title (OVA)``."""
    bears = asked.bare == asked.written and any(title.letters == asked.letters for title in seen.titles)
    return bears and any(_says_beside(head, asked) for head in seen.main)


def _says_beside(main: TitleForm, asked: TitleForm) -> bool:
    """Whether a heading is the title asked for, however spelled, with a year or a kind in brackets."""
    return (
        main.bare != main.written and main.marks == asked.marks and form(main.bare).letters == asked.letters
    )


def is_sequel_of(asked: TitleForm, seen: Traits) -> bool:
    """Whether an entry bears the title of a later season of the series asked for."""
    later = [title for title in seen.titles if title.signature.later and not title.signature.kinds]
    return not asked.signature.is_sequel and any(title.stem == asked.stem for title in later)


def names_other_part(asked: TitleForm, seen: Traits) -> bool:
    """Whether the asker names a part of the very series that an entry is another part of by all its headings."""
    kin = [head for head in seen.main if head.stem == asked.stem]
    apart = [head for head in kin if not asked.signature.agrees(head.signature, seen.types, seen.types)]
    return asked.signature.is_sequel and bool(kin) and len(apart) == len(kin)


def begins(asked: TitleForm, seen: Traits) -> bool:
    """Whether a title begins with all the words asked for, or is another part of the series that they name.

    Enough to name the work to the asker, never to accept it.
    """
    return bool(asked.written) and any(
        title.stem == asked.stem or goes_on(asked, title) for title in seen.titles
    )


def begins_others(asked: TitleForm, seen: Traits) -> bool:
    """Whether other titles go on with more words; a title that counts something names a part, and no series.

    The same title once more in another script is no other title.
    """
    if asked.signature.is_sequel or asked.counted:
        return False
    longer = (title.written[len(asked.written) :] for title in seen.titles if goes_on(asked, title))
    more = (rest for rest in longer if _MORE_WORDS.match(rest) and not _SAYS_NOTHING.match(rest))
    return any(rest.isascii() == asked.written.isascii() for rest in more)


def goes_on(asked: TitleForm, seen: TitleForm) -> bool:
    """Whether a title is all the words asked for and more."""
    start, title = asked.written, seen.written
    return len(title) > len(start) and title.startswith(start) and not title[len(start)].isalnum()


def only_the_series(asked: TitleForm, level: Likeness, claim: Said, seen: Traits) -> bool:
    """Whether an entry seems to list the title as the name of its series; a film's loosely matched title does too."""
    if asked.signature.is_sequel and any(head.signature.says_as(asked.signature) for head in seen.main):
        return False
    if level < Likeness.SPELLED and any(head.signature.kinds - asked.signature.kinds for head in seen.main):
        return True
    if all(names_later(asked, head) for head in seen.main):
        return True
    return any(names_another(asked, head, claim, seen.said) for head in seen.main)


def counted_elsewhere(title: TitleForm, seen: Traits) -> bool:
    """Whether a work that lists a title is also called a later season of it: then the title is that of its series."""
    later = [
        other
        for other in seen.titles
        if other.signature.later and other.signature.place != title.signature.place
    ]
    return title not in seen.main and any(other.stem == title.stem for other in later)


def counts_otherwise(asked: TitleForm, seen: Traits) -> bool:
    """Whether the asker names a season, and every heading that counts names another season, or a part of the first."""
    season, part = asked.signature.place, asked.signature.part or 1
    heads = [head.signature for head in seen.main if head.signature.later]
    same = [head for head in heads if (head.place == season if head.place != "1" else head.part == part)]
    return asked.signature.place != "1" and asked.signature.later and bool(heads) and not same


def is_beside(first: Work, other: Work) -> bool:
    """Whether a work is a later season, a film or a special of the series that another one begins."""
    heads = [head for head in first.traits.main if not head.signature.is_sequel]
    if {key for entry in other.candidates for key in entry.follows} & set(first.traits.ids.items()):
        return True
    if first.traits.types == _MAIN and other.traits.types and not other.traits.types & _MAIN:
        return True
    stems = {title.stem for title in first.traits.titles}
    later = any(title.signature.later and title.stem in stems for title in other.traits.titles)
    return later or any(
        goes_on(head, main) or says_more(main, head) for head in heads for main in other.traits.main
    )


def leads_series(seen: Traits, others: Sequence[TitleForm]) -> bool:
    """Whether a later season is headed as the work is, which makes the work the first that the series' name means."""
    stems = {head.stem for head in seen.main if not head.signature.is_sequel}
    return any(head.signature.later and head.stem in stems for head in others)


def ends_sentence(asked: TitleForm, seen: Traits) -> bool:
    """Whether the sign left out at the end of the heading is one that ends a sentence (two are often a sequel's).

    Signs inside a title may be left out too where it is long.
    """
    alike = [head.marks.partition("|") for head in seen.main if head.letters == asked.letters]
    long = len(asked.letters) >= _LONG_ENOUGH
    mild = all(tail in _SENTENCE_ENDS and (long or not inside) for inside, _, tail in alike)
    return bool(alike) and mild


def leaves_out_sentence_signs(asked: TitleForm, seen: Traits) -> bool:
    """Whether all signs left out are such as people leave out; a list of all titles shows what else is called so."""
    return all(set(title.marks) <= _LEFT_OUT for title in seen.titles if title.letters == asked.letters)


def signs_inside(asked: TitleForm, seen: Traits) -> bool:
    """Whether all signs left out of a long heading stand inside it: what follows on a work is told by a sign at the end."""
    alike = [head for head in seen.main if head.letters == asked.letters]
    inside = all(not head.tail and set(head.marks) <= _INSIDE for head in alike)
    return bool(alike) and inside and len(asked.letters) >= _LONG_ENOUGH


def signs_belong_to_series(asked: TitleForm, seen: Traits, others: Sequence[TitleForm]) -> bool:
    """Whether the asker leaves signs out that set no works apart.

    Who writes none at all, not those inside a title either, leaves out the one at its end too; a sequel that keeps that
    one shows that the series has it.
    """
    alike = [title for title in seen.titles if title.letters == asked.letters]
    plain = all(ch.isalnum() or ch in " -'" for ch in asked.written)
    inside = {title.marks.partition("|")[0] for title in alike if plain} - {""}
    heads = tuple(
        f"{title.written}{gap}" for title in alike if set(title.marks) <= _LEFT_OUT for gap in (" ", ":")
    )
    return any(not set(marks) - _LEFT_OUT for marks in inside) or any(
        head.written.startswith(heads) for head in others
    )
