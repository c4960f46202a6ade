"""What AniList's users make of an entry: tags, score and counters."""

from __future__ import annotations

from typing import Any

from sources.parsing.json_reply import labels, mapping, objects, real, truth, whole, word
from sources.parsing.sizes import year
from sources.parsing.text import clean
from sources.parsing.vocabulary import canonical
from sources.record import Score, Tag

_STATES = {
    "CURRENT": "watching",
    "COMPLETED": "completed",
    "PAUSED": "on_hold",
    "DROPPED": "dropped",
    "PLANNING": "plan_to_watch",
}
"""Lists of AniList's users under the words that MyAnimeList's have."""

_AUDIENCES = {"Josei", "Kids", "Seinen", "Shoujo", "Shounen"}
_RANKS = {"POPULAR": "popularity_rank", "RATED": "rank"}


def tags(media: dict[str, Any]) -> list[Tag]:
    """Tags with the users' ranking as weight and the site's marks for spoilers and adult content."""
    found: dict[str, Tag] = {}
    for tag in objects(media.get("tags")):
        name, rank = clean(tag.get("name")), whole(tag.get("rank"), 0)
        spoiler = bool(truth(tag.get("isMediaSpoiler")) or truth(tag.get("isGeneralSpoiler")))
        weight = rank / 100 if rank is not None and rank <= 100 else None
        if name:
            adult = truth(tag.get("isAdult")) is True
            found.setdefault(name, Tag(name=name, weight=weight, spoiler=spoiler, adult=adult))
    return list(found.values())


def demographics(media: dict[str, Any]) -> list[str]:
    """Those tags that say for whom the entry is made."""
    tags = objects(media.get("tags"))
    return labels([tag.get("name") for tag in tags if _is_audience(tag)])


def _is_audience(tag: dict[str, Any]) -> bool:
    """Whether a tag says for whom a work is made; an answer without categories is read by the names."""
    if "category" in tag:
        return bool(tag["category"] == "Demographic")
    return clean(tag.get("name")) in _AUDIENCES


def score(media: dict[str, Any]) -> Score | None:
    """The weighted average. The site withholds it below a number of votes; the plain mean is no substitute then."""
    value = real(media.get("averageScore"))
    if value is None or value > 100:
        return None
    rows = objects(mapping(media.get("stats")).get("scoreDistribution"))
    votes = {str(item.get("score")): whole(item.get("amount")) or 0 for item in rows}
    return Score(value=value, scale_min=0, scale_max=100, votes=sum(votes.values()) or None)


def popularity(media: dict[str, Any]) -> dict[str, float]:
    """Members by what they do with it, favourites, recent activity, and ranks by score and by members.

    The site ranks a work among those of its format only (``MediaRank.format`` is never null), so none is an overall rank.
    """
    counts = {"members": media.get("popularity")}
    counts |= {name: media.get(name) for name in ("favourites", "trending")}
    counts["mean_score"] = whole(media.get("meanScore"))
    for ranking in objects(media.get("rankings")):
        if name := _rank_name(ranking):
            counts.setdefault(name, ranking.get("rank"))
    for state in objects(mapping(media.get("stats")).get("statusDistribution")):
        if name := _STATES.get(word(state.get("status")) or ""):
            counts[name] = state.get("amount")
    read = {name: whole(value, 0) for name, value in counts.items()}
    return {name: float(value) for name, value in read.items() if value is not None}


def _rank_name(ranking: dict[str, Any]) -> str | None:
    """``format_rank`` for all time, ``format_year_rank`` or ``format_season_rank`` for the work's own year or season."""
    name = _RANKS.get(word(ranking.get("type")) or "")
    if name is None:
        return None
    if truth(ranking.get("allTime")):
        return f"format_{name}"
    if canonical("season", "anilist", word(ranking.get("season"))):
        return f"format_season_{name}"
    of_year = ranking.get("season") in (None, "") and year(ranking.get("year")) is not None
    return f"format_year_{name}" if of_year else None
