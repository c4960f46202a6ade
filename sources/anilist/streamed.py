"""The episodes that AniList lists with links to a streaming site, which numbers them in its own way.

Such a list may belong to another season, count on from the one before, lack some, or have more: an episode 0, recaps
numbered 13.5, a special behind the last. What fits the show is kept, what would be a guess is left out.
"""

from __future__ import annotations

import re
from typing import Any

from sources.parsing.json_reply import address, mapping, objects, ordinal, whole
from sources.parsing.sizes import episode_total
from sources.parsing.text import clean, title_text
from sources.record import Episode, Link, Title

_EPISODE = re.compile(
    r"(?:episode|ep\.?)\s*(\d{1,3}(?:,\d{3})+|\d{1,5}(?:\.\d)?)\s*(?:[-–—:]\s*(.*))?",
    re.IGNORECASE | re.DOTALL,
)
_RECAP = re.compile(r"\brecap\b|\bdigest\b|総集編", re.IGNORECASE)
_FEW = 2
_LONG = 52
"""Episodes above which a list that stops early is the show's own: no later season of it counts from one that far."""


def streamed(media: dict[str, Any]) -> list[Episode]:
    """The listed episodes, numbered as the show counts them; none of a list that is not the show's."""
    found = [_read(item) for item in objects(media.get("streamingEpisodes"))]
    listed = [episode for episode in found if episode is not None]
    numbers = sorted({episode.number for episode in listed if episode.number and episode.number % 1 == 0})
    count = episode_total(media.get("episodes"))
    if not numbers:
        return listed
    if media.get("status") == "FINISHED" and count and not _is_its_own(numbers, count):
        return []
    shift, total = _shift(numbers, count), _total(media, count)
    with_zero = any(episode.number == 0 for episode in listed) and len(numbers) + 1 == total
    return [_placed(episode, shift, count, with_zero) for episode in listed]


def counts_from_zero(episodes: list[Episode]) -> bool:
    """Whether an episode 0 is one of those that the show's number of episodes counts."""
    return any(episode.number == 0 and episode.kind == "regular" for episode in episodes)


def _is_its_own(numbers: list[float], count: int) -> bool:
    """Whether whole numbers, in order, are those of a show of ``count`` that is over.

    Seen: a show of 26 with the 11 episodes of a later season, one of 12 with the 25 of the season before. A list of
    another season counts from one, and is hardly as long as the show.
    """
    first, last = int(numbers[0]), int(numbers[-1])
    if len(numbers) == last - first + 1 == count:
        return True
    if last > count:
        return first == 1 and last - count <= _FEW and len(numbers) == last
    return first > 1 or last == count or count - last <= _FEW or count > _LONG


def _shift(numbers: list[float], count: int | None) -> float:
    """How far the numbers run ahead: a streaming site may go on counting from the season before."""
    if count is None or numbers[-1] <= count or numbers[-1] - numbers[0] >= count:
        return 0
    return numbers[0] - 1


def _total(media: dict[str, Any], count: int | None) -> int | None:
    """How many episodes there are so far, as the show counts them."""
    following = whole(mapping(media.get("nextAiringEpisode")).get("episode"))
    return following - 1 if following else count


def _placed(episode: Episode, shift: float, count: int | None, with_zero: bool) -> Episode:
    """The episode with its number in the show; what is between, before or behind the counted ones is a special."""
    number = episode.number
    if number is None:
        return episode
    if number == 0:
        return episode.model_copy(update={"kind": "regular" if with_zero else "special"})
    own = number - shift
    if own % 1 or own < 1:
        return episode.model_copy(update={"number": own, "kind": "special"})
    if count and count < own <= count + _FEW and not with_zero:
        return episode.model_copy(update={"number": None, "kind": "special"})
    return episode.model_copy(update={"number": own})


def _read(item: dict[str, Any]) -> Episode | None:
    text, url = title_text(item.get("title")), address(item.get("url"))
    if text is None:
        return None
    found = _EPISODE.fullmatch(text)
    title = title_text(found[2]) if found else text
    between = found is not None and "." in found[1]
    return Episode(
        number=ordinal(found[1]) if found else None,
        kind="regular" if found else "other",
        titles=[Title(text=title, language="en", kind="official")] if title else [],
        thumbnail=address(item.get("thumbnail")),
        recap=True if between and title and _RECAP.search(title) else None,
        links=[Link(site=clean(item.get("site")) or "other", url=url, kind="streaming")] if url else [],
    )
