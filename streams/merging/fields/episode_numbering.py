"""Whether two sources number the same episodes alike, by titles and air dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sources.record import Episode
from streams.merging.conflicts import days_apart
from streams.text.keys import title_key

_NEAR = 3
_FAR = 30
_ENOUGH = 3


_PLACEHOLDER = re.compile(r"(?:episode|ep\.?|#|第)\s*\d+\s*(?:話|回)?", re.IGNORECASE)


_STARTS, _ENDS = frozenset("eE#第"), frozenset("0123456789話回")


def is_placeholder(text: str) -> bool:
    """Whether a title only says the number: ``Episode 5``, ``第5話``."""
    return (
        text[-1:] in _ENDS
        and text.lstrip()[0] in _STARTS
        and _PLACEHOLDER.fullmatch(text.strip()) is not None
    )


@dataclass(slots=True)
class Listing:
    """Episodes of one kind by number, as one source or several count them."""

    counts: list[tuple[float, Mapping[float, Sequence[Episode]]]] = field(default_factory=list)
    aired: dict[float, str] = field(default_factory=dict)

    def take(self, other: Listing, shift: float) -> None:
        """Take in what ``other`` has, its numbers shifted; days that are known stay."""
        self.counts += [(shift + own, episodes) for own, episodes in other.counts]
        days = {number + shift: day for number, day in other.aired.items()} if shift else other.aired
        self.aired = {**days, **self.aired}

    def titles(self, number: float) -> dict[str | None, str]:
        """Keys of the telling titles by language."""
        episodes = [episode for shift, known in self.counts for episode in known.get(number - shift, ())]
        titles = [title for episode in episodes for title in episode.titles]
        telling = [title for title in titles if not is_placeholder(title.text)]
        return {title.language: title_key(title.text) for title in reversed(telling)}


def listing(episodes: Iterable[Episode]) -> Listing:
    """The numbered ones of ``episodes``; of several with one number the first says the day."""
    by_number: dict[float, list[Episode]] = {}
    aired: dict[float, str] = {}
    for episode in episodes:
        if (number := episode.number) is None:
            continue
        by_number.setdefault(number, []).append(episode)
        if episode.aired:
            aired.setdefault(number, episode.aired)
    return Listing([(0.0, by_number)], aired)


def shift_between(ours: Listing, theirs: Listing) -> float | None:
    """What to add to ``their`` numbers so that they count as ours do; ``None``: they are other episodes.

    Equal air dates decide, else equal titles, else the shift under which the air dates agree. A repeat on another channel moves all
    dates, so without contradicting titles the numbers are believed.
    """
    gaps = [gap for n, day in theirs.aired.items() if (gap := days_apart(ours.aired.get(n), day)) is not None]
    if not gaps:
        return _dated_shift(ours, theirs, len(theirs.aired)) or 0.0
    if len(gaps) < _ENOUGH or 2 * sum(gap <= _NEAR for gap in gaps) >= len(gaps):
        return 0.0
    alike = _alike(ours, theirs)
    if alike is True:
        return 0.0
    shift = _dated_shift(ours, theirs, len(gaps))
    if shift is not None:
        return shift
    return None if alike is False and 2 * sum(gap > _FAR for gap in gaps) > len(gaps) else 0.0


def _alike(ours: Listing, theirs: Listing) -> bool | None:
    """Whether episodes of one number mostly have one title; ``None`` when too few can be compared."""
    same = different = 0
    for number in dict.fromkeys(number for _, known in theirs.counts for number in known):
        known, titles = ours.titles(number), theirs.titles(number)
        shared = [language for language in titles if language in known]
        if shared:
            hit = any(titles[language] == known[language] for language in shared)
            same, different = same + hit, different + (not hit)
    return None if same + different < _ENOUGH else same >= different


def _dated_shift(ours: Listing, theirs: Listing, compared: int) -> float | None:
    """The shift under which at least half of ``compared`` days agree; days with several episodes say nothing."""
    several = {day for day, times in Counter(ours.aired.values()).items() if times > 1}
    number_of = {day: number for number, day in ours.aired.items() if day not in several}
    shifts = Counter(number_of[day] - n for n, day in theirs.aired.items() if day in number_of)
    if not shifts:
        return None
    shift, times = min(shifts.items(), key=lambda pair: (-pair[1], abs(pair[0]), pair[0]))
    return shift if times >= _ENOUGH and 2 * times >= compared else None
