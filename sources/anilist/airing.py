"""When an AniList entry airs, and its episodes as far as AniList knows them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from sources.parsing.json_reply import address, mapping, objects, whole, word
from sources.parsing.text import title_text
from sources.record import Broadcast, Episode, Title

_ZONES = {
    "JP": ("Asia/Tokyo", 9),
    "CN": ("Asia/Shanghai", 8),
    "TW": ("Asia/Taipei", 8),
    "HK": ("Asia/Hong_Kong", 8),
    "KR": ("Asia/Seoul", 9),
}
"""Zone by country of origin and its hours before UTC; none of them has had summer time since 1988."""

_EPISODE = re.compile(
    r"(?:episode|ep\.?)\s*(\d{1,4}(?:\.\d)?)\s*(?:[-–—:]\s*(.*))?", re.IGNORECASE | re.DOTALL
)
_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_LAST_SECOND = 4_102_444_800  # 2100


def broadcast(media: dict[str, Any]) -> Broadcast | None:
    """The next episode; weekday and time are given where the country says in which zone."""
    airing = mapping(media.get("nextAiringEpisode"))
    at, episode = _instant(airing.get("airingAt")), whole(airing.get("episode"))
    if at is None and episode is None:
        return None
    zone, hours = _ZONES.get(word(media.get("countryOfOrigin")) or "", (None, 0))
    local = at.astimezone(dt.timezone(dt.timedelta(hours=hours))) if at and zone else None
    return Broadcast(
        weekday=_WEEKDAYS[local.weekday()] if local else None,
        time=local.strftime("%H:%M") if local else None,
        timezone=zone if local else None,
        next_episode=episode,
        next_episode_at=at.isoformat().replace("+00:00", "Z") if at else None,
    )


def episodes_aired(media: dict[str, Any]) -> int | None:
    """One less than the next episode; ``None`` when no next one is announced."""
    following = whole(mapping(media.get("nextAiringEpisode")).get("episode"))
    return following - 1 if following else None


def _instant(value: object) -> dt.datetime | None:
    seconds = whole(value)
    if seconds is None or seconds > _LAST_SECOND:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def episodes(media: dict[str, Any]) -> list[Episode]:
    """Episodes with their titles (as the streaming sites give them) and dates of airing, in order of number."""
    return merge(_streamed(media), _aired(media))


def merge(known: Iterable[Episode], more: Iterable[Episode]) -> list[Episode]:
    """Both lists, one episode a number; what the first one leaves open is taken from the second."""
    numbered: dict[float, Episode] = {}
    others: list[Episode] = []
    for episode in [*known, *more]:
        if episode.number is None:
            others.append(episode)
            continue
        before = numbered.setdefault(episode.number, episode)
        if before is not episode:
            gaps = {name: value for name, value in episode if value and not getattr(before, name)}
            numbered[episode.number] = before.model_copy(update=gaps)
    return [numbered[number] for number in sorted(numbered)] + others


def _streamed(media: dict[str, Any]) -> list[Episode]:
    found = [_stream(item) for item in objects(media.get("streamingEpisodes"))]
    listed = [episode for episode in found if episode is not None]
    numbers = [episode.number for episode in listed if episode.number is not None]
    count = whole(media.get("episodes"))
    if media.get("status") == "FINISHED" and count and numbers and not _is_its_own(numbers, count):
        return []  # seen: a finished show of 26 with the 11 episodes of a later season
    shift = _shift(numbers, count)
    if not shift:
        return listed
    return [e.model_copy(update={"number": e.number - shift}) if e.number else e for e in listed]


def _is_its_own(numbers: list[float], count: int) -> bool:
    """Whether a list is that of the show itself: complete, or, where episodes are missing, up to the very last one.

    The shorter list of another season counts from one and does not get that far; a list that merely stops early looks
    like it and is not taken.
    """
    return len(numbers) == count or (len(numbers) < count and max(numbers) == count)


def _shift(numbers: list[float], count: int | None) -> float:
    """How far the numbers run ahead: a streaming site may go on counting from the season before."""
    if not numbers or count is None or max(numbers) <= count or max(numbers) - min(numbers) >= count:
        return 0
    return min(numbers) - 1


def _stream(item: dict[str, Any]) -> Episode | None:
    text, thumbnail = title_text(item.get("title")), address(item.get("thumbnail"))
    if text is None:
        return None
    found = _EPISODE.fullmatch(text)
    title = title_text(found[2]) if found else text
    return Episode(
        number=float(found[1]) if found else None,
        kind="regular" if found else "other",
        titles=[Title(text=title, language="en", kind="official")] if title else [],
        thumbnail=thumbnail,
    )


def _aired(media: dict[str, Any]) -> list[Episode]:
    """Airing times as calendar dates of the country of origin (Japan when the answer does not name it)."""
    _, hours = _ZONES.get(word(media.get("countryOfOrigin")) or "JP", _ZONES["JP"])
    zone = dt.timezone(dt.timedelta(hours=hours))
    schedule = mapping(media.get("airingSchedule"))
    nodes = objects(schedule.get("nodes")) or [mapping(e.get("node")) for e in objects(schedule.get("edges"))]
    found: list[Episode] = []
    for node in nodes:
        number, at = whole(node.get("episode"), 0), _instant(node.get("airingAt"))
        if number is not None and at is not None:
            found.append(Episode(number=number, aired=at.astimezone(zone).date().isoformat()))
    return found
