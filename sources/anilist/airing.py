"""When an AniList entry airs, and its episodes as far as AniList knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sources.anilist.streamed import counts_from_zero, streamed
from sources.parsing.airtime import WEEKDAYS
from sources.parsing.json_reply import mapping, objects, whole, word
from sources.parsing.rows import once
from sources.record import Broadcast, Episode

_ZONES = {
    "JP": ("Asia/Tokyo", 9),
    "CN": ("Asia/Shanghai", 8),
    "TW": ("Asia/Taipei", 8),
    "HK": ("Asia/Hong_Kong", 8),
    "KR": ("Asia/Seoul", 9),
}
"""Zone by country of origin and its hours before UTC; none of them has had summer time since 1988."""

_LAST_SECOND = 4_102_444_800  # 2100


def broadcast(media: dict[str, Any]) -> Broadcast | None:
    """The next episode; weekday and time are given where the country says in which zone."""
    airing = mapping(media.get("nextAiringEpisode"))
    at, episode = instant_of(airing.get("airingAt")), whole(airing.get("episode"))
    if at is None and episode is None:
        return None
    zone, hours = _ZONES.get(word(media.get("countryOfOrigin")) or "", (None, 0))
    local = at.astimezone(dt.timezone(dt.timedelta(hours=hours))) if at and zone else None
    return Broadcast(
        weekday=WEEKDAYS[local.weekday()] if local else None,
        time=local.strftime("%H:%M") if local else None,
        timezone=zone if local else None,
        next_episode=episode,
        next_episode_at=at.isoformat().replace("+00:00", "Z") if at else None,
    )


def episodes_aired(media: dict[str, Any]) -> int | None:
    """One less than the next episode; ``None`` when no next one is announced."""
    following = whole(mapping(media.get("nextAiringEpisode")).get("episode"))
    return following - 1 if following else None


def instant_of(value: object) -> dt.datetime | None:
    """The point in time that a number of seconds stands for; ``None`` for what can be none."""
    seconds = whole(value)
    if seconds is None or seconds > _LAST_SECOND:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def episodes(media: dict[str, Any]) -> list[Episode]:
    """Episodes with their titles (as the streaming sites give them) and dates of airing, in order of number."""
    listed = streamed(media)
    return merge(listed, counted_alike(listed, _aired(media)))


def counted_alike(known: list[Episode], aired: list[Episode]) -> list[Episode]:
    """Airing times under the numbers of ``known``: the schedule counts from one also where there is an episode 0."""
    if not aired or not counts_from_zero(known):
        return aired
    last = max((e.number for e in known if e.aired and e.number is not None), default=-1.0)
    numbers = [episode.number or 0.0 for episode in aired]
    if min(numbers) - 1 <= last:  # it goes on without a gap, so it counts as ``known`` does
        return aired
    return [e.model_copy(update={"number": n - 1}) for e, n in zip(aired, numbers, strict=True)]


def merge(known: Iterable[Episode], more: Iterable[Episode]) -> list[Episode]:
    """Both lists, one episode a number and kind; what the first one leaves open is taken from the second."""
    numbered: dict[tuple[float, str], Episode] = {}
    others: list[Episode] = []
    for episode in [*known, *more]:
        if episode.number is None:
            others.append(episode)
            continue
        key = episode.number, episode.kind
        before = numbered.setdefault(key, episode)
        if before is not episode:
            gaps = {name: value for name, value in episode if value and not getattr(before, name)}
            links = {link.url: link for link in [*episode.links, *before.links]}
            numbered[key] = before.model_copy(update={**gaps, "links": list(links.values())})
    return [numbered[key] for key in sorted(numbered)] + once(others, repr)


def schedule_of(media: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the schedule in one answer."""
    schedule = mapping(media.get("airingSchedule"))
    return objects(schedule.get("nodes")) or [mapping(e.get("node")) for e in objects(schedule.get("edges"))]


def _aired(media: dict[str, Any]) -> list[Episode]:
    """Airing times as calendar dates of the country of origin (Japan when the answer does not name it)."""
    _, hours = _ZONES.get(word(media.get("countryOfOrigin")) or "JP", _ZONES["JP"])
    zone = dt.timezone(dt.timedelta(hours=hours))
    found: list[Episode] = []
    for node in schedule_of(media):
        number, at = whole(node.get("episode"), 0), instant_of(node.get("airingAt"))
        if number is not None and at is not None:
            found.append(Episode(number=number, aired=at.astimezone(zone).date().isoformat()))
    return found
