"""What may be meant where no entry bears a title: a season of a series by another name, a title with words left out, a slip.

Asked only where a request would else be refused. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rapidfuzz.distance import OSA

from sources.base import Candidate
from streams.matching.clusters import Work, group
from streams.matching.comparison import kinship
from streams.matching.hits import Hit, Wanted
from streams.matching.overrides import NOTHING, Overrides
from streams.matching.prefilter import May, relevant
from streams.matching.profile import Traits
from streams.matching.ranking import in_order, years_apart
from streams.matching.rarity import Held, WordCounts, begins_parts, held, in_latin, shipped, telling, words
from streams.matching.rules.conditions import MANY, ROOM, UNMISTAKABLE
from streams.matching.rules.model import RuleSet
from streams.matching.rules.verdicts import RULES
from streams.matching.seasons import Series, by_links, series_of
from streams.matching.series import counted_elsewhere, goes_on, is_beside, only_the_series, says_more
from streams.text.folding import unaccented
from streams.text.normalization import TitleForm, form
from streams.text.similarity import MOST_SLIPS, UNSAID, Likeness

_NUMBER = re.compile(r"\d+|\b(?:[ivx]+|[^\W_]|tv|ona|ova|oav|oad)\b")
"""Numbers, kinds, and letters that stand alone: they tell works apart."""
_SHORT, _LONG, _LONG_ALIKE = 5, 10, 8
"""Letters from which a title may have one slip, and two; two of a shorter one where the first letter is right."""
_WORD = re.compile(r"[^\W_]+")
_TELLING = frozenset({"re", "i", "m", "t", "d", "ve", "ll"})
"""Words that say little, but that a title does not go without."""
_RETURNS = frozenset({"re"})
"""A word that tells a later work apart from the one without."""
_OF_THEIR_OWN, _FILM = frozenset({"TV", "MOVIE"}), frozenset({"movie"})
_TOLD_ALONE = 7
"""Letters from which words name a series whose headings do not begin with them."""

Results = Mapping[str, Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class _Asked:
    title: TitleForm
    words: tuple[str, ...]
    letters: str
    slips: int
    numbers: list[str]

    def slipped(self, seen: TitleForm) -> int | None:
        """The slips that make one title of the other; ``None`` for too many, other numbers or another part."""
        room, letters = self.slips + ROOM, _letters(seen)
        if not self.slips or abs(len(letters) - len(self.letters)) > 2 * room:
            return None
        if not self._same_beside(seen) or not seen.signature.says_as(self.title.signature):
            return None
        if self._signed_apart(seen):
            return None
        spelled = OSA.distance(self.letters, letters, score_cutoff=room)
        mine, others = _plain(self.title), _plain(seen)
        as_typed = (OSA.distance(a, b, score_cutoff=room) for a, b in zip(mine, others, strict=True))
        slips = min(spelled, *as_typed)
        short = len(self.letters) < _LONG and mine[0][:1] != others[0][:1]
        if slips == MOST_SLIPS and (short or _another_word(self.title, seen)):
            slips += 1
        slipped = slips <= room and _numbers(seen) == self.numbers
        return slips if slipped and not _says_more(self.title, seen) else None

    def held_by(self, seen: TitleForm) -> Held | None:
        """What of a title the asker's words stand for, if it is of the same part of its series, or its subtitle says which."""
        if not in_latin(seen) or not self._same_beside(seen):
            return None
        own, theirs = words(self.title.exact), words(seen.exact)
        mine, others = set(own), set(theirs)
        apart = not (mine & _TELLING) <= others or bool((others - mine) & _RETURNS)
        same = sorted(own) == sorted(theirs) and self.title.signature.says_as(seen.signature)
        odd = same or apart or self._ends_apart(seen) or self._signed_apart(seen)
        stands_for = None if odd else held(self.words, seen.exact)
        if stands_for is None or self.title.signature.says_as(seen.signature):
            return stands_for
        return stands_for if stands_for.subtitle and not self.title.signature.is_sequel else None

    def says_all_of(self, seen: TitleForm) -> bool:
        """Whether no word of a title was left out but one for its kind."""
        return sorted(words(self.title.exact)) == sorted(words(seen.exact))

    def _ends_apart(self, seen: TitleForm) -> bool:
        """Whether a letter at the end of one title, which is no article there, is not of the other."""
        mine, others = words(self.title.exact), words(seen.exact)
        return any(
            len(here[-1]) == 1 and here[-1] not in there
            for here, there in ((mine, others), (others, mine))
            if here
        )

    def _signed_apart(self, seen: TitleForm) -> bool:
        """Whether a title ends in a sign that ends no sentence and was not asked for: ``+`` tells a later work."""
        return seen.tail.strip("!?.,") not in {"", self.title.tail.strip("!?.,")}

    def is_in(self, seen: TitleForm) -> bool:
        """Whether a title has all the words, whatever it goes on to say."""
        return bool(self.words) and set(self.words) <= set(words(seen.exact))

    def _same_beside(self, seen: TitleForm) -> bool:
        return (seen.year, seen.type) == (self.title.year, self.title.type)


def wider(
    wanted: Wanted,
    results: Results,
    overrides: Overrides = NOTHING,
    counts: WordCounts | None = None,
    rules: RuleSet = RULES,
) -> list[Hit]:
    """The works that may be meant, the best first."""
    if not wanted.title:
        return []
    asked = _asked(form(wanted.title))
    series = series_of(asked.title, results)
    near = relevant(wanted, results, overrides.same, _near(asked, series))
    works = group(near, overrides.same, overrides.different)
    if series and (hits := _of_series(wanted, asked.title, series, works)):
        return in_order(hits, rules)
    hits = [hit for work in works if (hit := _hit(wanted, asked, work, counts or shipped()))]
    first = _first_year(asked, works)
    known = [hit for hit in hits if hit.level != Likeness.AMONG or _is_first(hit, first)]
    return in_order([_leading(hit, known) for hit in known], rules)


def _first_year(asked: _Asked, works: Sequence[Work]) -> int:
    """The first year of all works that have the asker's words in a title."""
    holding = [work for work in works if any(asked.is_in(title) for title in work.traits.titles)]
    return min((year for work in holding for year in work.traits.years), default=0)


def _is_first(hit: Hit, year: int) -> bool:
    return min(hit.work.traits.years, default=year + 1) <= year


def _asked(title: TitleForm) -> _Asked:
    letters = _letters(title)
    telling_words = telling(words(title.exact)) if in_latin(title) else ()
    return _Asked(title, telling_words, letters, slips_in(letters), _numbers(title))


def typed(title: TitleForm) -> str:
    """The letters of a title as they are typed."""
    return "".join(filter(str.isalnum, unaccented(title.bare)))


def slips_in(letters: str) -> int:
    """How many slips a title of these letters may have; none where it is short or not in Latin letters."""
    if len(letters) < _SHORT or not letters.isascii():
        return 0
    return 1 if len(letters) < _LONG_ALIKE else MOST_SLIPS


def _letters(title: TitleForm) -> str:
    """The letters of a title without an article in front of it, which people leave out."""
    every = words(title.exact)
    return "".join(every[1:] if len(every) > 1 and every[0] in {"the", "a", "an"} else every)


def _plain(title: TitleForm) -> tuple[str, str]:
    """The letters as they are typed, without and with what names the part: a slip may make another syllable or word of either."""
    return "".join(filter(str.isalnum, title.words)), typed(title)


def _numbers(title: TitleForm) -> list[str]:
    return list(_NUMBER.findall(title.words))


def _another_word(one: TitleForm, other: TitleForm) -> bool:
    """Whether two titles differ by one short word, in which two letters are too many for slips: *Pon* is not *Kan*."""
    mine, others = _WORD.findall(unaccented(one.bare)), _WORD.findall(unaccented(other.bare))
    apart = [(a, b) for a, b in zip(mine, others, strict=False) if a != b]
    return len(mine) == len(others) and len(apart) == 1 and max(map(len, apart[0])) < _SHORT


def _says_more(one: TitleForm, other: TitleForm) -> bool:
    """Whether one title has all words of the other and more, or goes on after it, which is no slip."""
    mine, others = set(words(one.exact)), set(words(other.exact))
    shorter, longer = sorted((_letters(one), _letters(other)), key=len)
    goes_on = longer.startswith(shorter) and len(longer) > len(shorter) + 1
    return goes_on or mine < others or others < mine


def _near(asked: _Asked, series: Series | None) -> May:
    """Which entries may be meant; several sites list one title, which is looked at once."""

    @cache
    def is_near(text: str) -> bool:
        title = form(text)
        return asked.slipped(title) is not None or bool(asked.held_by(title)) or asked.is_in(title)

    def may(entry: Candidate) -> bool:
        return bool(series and (series.holds(entry) or entry.follows)) or any(map(is_near, entry.called))

    return may


def _of_series(wanted: Wanted, asked: TitleForm, series: Series, works: Sequence[Work]) -> list[Hit]:
    seasons = [(work, counted) for work in works if (counted := series.counts(asked, work))]
    if not seasons and (by_place := by_links(asked, works, series)):
        seasons = [(by_place, "its place in the chain of sequels")]
    return [_made(wanted, work, Likeness.COUNTED, counted) for work, counted in seasons]


def _hit(wanted: Wanted, asked: _Asked, work: Work, counts: WordCounts) -> Hit | None:
    if any(_has_another_sign(asked.title, head) for head in work.traits.main):
        return None
    titles = [title for title in work.traits.titles if _is_own(title, work)]
    plain = not any(says_more(head, asked.title) for head in work.traits.main)
    slips = [(number, t.exact) for t in titles if (number := asked.slipped(t)) is not None]
    least, seen = min(slips, default=(0, ""))
    heads = any(head.exact == seen for head in work.traits.main)
    long = len(asked.letters)
    known = heads or long >= UNMISTAKABLE or (long >= _LONG_ALIKE and len(_bearers(seen, work)) >= MANY)
    if least and plain and known and least <= asked.slips:
        return replace(_made(wanted, work, Likeness.SLIPPED, seen), slips=least)
    rows = [(stands_for, t.exact) for t in titles if (stands_for := asked.held_by(t))]
    whole = work.traits.types <= _OF_THEIR_OWN and all(m.signature.kinds <= _FILM for m in work.traits.main)
    rows = [row for row in rows if plain or (row[0].subtitle and (whole or asked.says_all_of(form(row[1]))))]
    if rows:
        stands_for, seen = min(rows, key=lambda row: (not row[0].ended, len(row[1])))
        level = Likeness.LEFT_OUT if stands_for.ended else Likeness.AMONG
        if not stands_for.ended and not _goes_on_openly(asked, work):
            return None
        return _made(wanted, work, level, seen, counts.bits(stands_for.words) / (1 + stands_for.half))
    return replace(_made(wanted, work, Likeness.BEGINNING, seen), slips=least) if slips else None


def _goes_on_openly(asked: _Asked, work: Work) -> bool:
    """Whether no title begins with a whole part of the asker's words, no heading with several, and with a short one alone one does."""
    if any(begins_parts(asked.words, title.exact) for title in work.traits.titles):
        return False
    if len(asked.words) > 1 and any(goes_on(asked.title, head) for head in work.traits.main):
        return False
    heads = [telling(words(head.exact))[: len(asked.words)] for head in work.traits.main]
    return len("".join(asked.words)) >= _TOLD_ALONE or asked.words in heads


def _has_another_sign(asked: TitleForm, head: TitleForm) -> bool:
    """Whether a heading is the title asked for but for its signs, which then decide."""
    return head.letters == asked.letters and head.marks != asked.marks


def _is_own(title: TitleForm, work: Work) -> bool:
    """Whether a title is the work's own and not that of its series, as far as the headings tell."""
    if title in work.traits.main:
        return True
    of_series = only_the_series(title, Likeness.WRITTEN, UNSAID, work.traits)
    return not of_series and not counted_elsewhere(title, work.traits)


def _bearers(seen: str, work: Work) -> tuple[str, ...]:
    """The sites that have a title."""
    return tuple(
        entry.source for entry in work.candidates if any(form(text).exact == seen for text in entry.called)
    )


def _made(wanted: Wanted, work: Work, level: Likeness, seen: str, rarity: float = 0.0) -> Hit:
    traits: Traits = work.traits
    apart = years_apart(wanted, form(wanted.title or ""), level, traits)
    heads = any(head.exact == seen for head in traits.main)
    fits = (apart or 0) <= 1 and kinship(wanted.said.types, traits.types) >= 0
    bearers, length = _bearers(seen, work), len(form(wanted.title or "").letters)
    return Hit(work, level, heads, 0, apart, fits, bearers=bearers, seen=seen, rarity=rarity, length=length)


def _leading(hit: Hit, hits: Sequence[Hit]) -> Hit:
    """The hit, leading if all others that answer as well go on from its title or are beside it in its series."""
    rest = [other for other in hits if other is not hit and other.level == hit.level]
    if any(other.main > hit.main and other.seen == hit.seen for other in rest):
        return hit
    leads = all(
        goes_on(form(hit.seen), form(other.seen)) or is_beside(hit.work, other.work) for other in rest
    )
    return replace(hit, leads=bool(rest) and leads)
