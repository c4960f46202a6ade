"""How MyAnimeList's own API (v2) is asked: with a client id, for what it has."""

from __future__ import annotations

import re

from cache.rules import Rate, Rejection, Reply
from sources.base import Candidate, Query, Way
from sources.http import Http
from sources.jikan.official_entry import parse_official, parse_official_search
from sources.jikan.seasons import parse_official_season
from sources.listing import ListPage, Quarter, Row
from sources.parsing.json_refusal import FORBIDDEN_PAUSE, refuse_json
from sources.record import SourceRecord

ADDRESS = "https://api.myanimelist.net/v2"
SHORTEST_QUERY, LONGEST_QUERY = 3, 64
MOST_RESULTS = 25
SEASON_ROWS = 500
MOST_SEASON_PAGES = 4

_SEARCHED = "alternative_titles,start_date,media_type,num_episodes,start_season"
_WHOLE = (
    f"{_SEARCHED},end_date,synopsis,mean,rank,popularity,num_list_users,num_scoring_users,nsfw,updated_at,status,"
    "genres,broadcast,source,average_episode_duration,rating,studios,pictures,related_anime,statistics,"
    "opening_themes,ending_themes,videos,background,created_at"
)
_LISTED = "start_season,updated_at"
_BRACKETS = re.compile(r"[()\[\]{}<>]")
"""The firewall before the API answers some queries that hold them with a page of HTML (reported by two clients)."""

_KEY = re.compile(rb'"message"\s*:\s*"Invalid client id"', re.IGNORECASE)
_WRONG_KEY_PAUSE = 900.0


def refuse_official(reply: Reply) -> Rejection | None:
    """A wrong client id (a 400), a firewall or throttling (403, with or without HTML), and what is no JSON."""
    if reply.status == 400 and _KEY.search(reply.body):
        return Rejection("not_configured", _WRONG_KEY_PAUSE)
    if reply.status == 403:
        return Rejection("forbidden", FORBIDDEN_PAUSE)
    return refuse_json(reply)


WAY = Way(
    name="api.myanimelist.net",
    address="API_BASE_URL",
    needs="CLIENT_ID",
    limits=(Rate(1, 1.0),),
    refuse=refuse_official,
    lacks=("titles", "producers", "licensors", "streaming", "links", "relations"),
)
"""One request a second is what its clients keep; the site publishes no limit."""


class Official:
    """The same works as Jikan's, from the site itself; it knows no episodes, people, companies or foreign ids."""

    def __init__(self, http: Http, base_url: str, client_id: str) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._headers = {"X-MAL-CLIENT-ID": client_id}

    async def search(self, query: Query) -> list[Candidate]:
        """Up to 25 candidates for a title that `can_be_asked`."""
        limit = str(max(1, min(query.limit, MOST_RESULTS)))
        params = {"q": as_query(query.title), "limit": limit, "nsfw": "true", "fields": _SEARCHED}
        reply = await self._http.get(f"{self._base}/anime", params=params, headers=self._headers)
        async with self._http.reading(reply):
            found = parse_official_search(reply.body)
        if not found:
            await self._http.found_nothing(reply)
        return found

    async def core(self, number: str) -> SourceRecord:
        """Everything that the API has about one work, in one request."""
        params = {"fields": _WHOLE}
        reply = await self._http.get(f"{self._base}/anime/{number}", params=params, headers=self._headers)
        async with self._http.reading(reply):
            record = parse_official(reply.body)
        record.raw["fetched_via"] = WAY.name
        return record

    async def season(self, quarter: Quarter) -> ListPage:
        """A whole season, with when each entry changed: five hundred works a request, so there is no page behind this one."""
        rows: list[Row] = []
        for number in range(MOST_SEASON_PAGES):
            page = await self._season(quarter, number * SEASON_ROWS)
            rows += page.rows
            if not page.more:
                break
        return ListPage(tuple(rows))

    async def _season(self, quarter: Quarter, offset: int) -> ListPage:
        params = {"limit": str(SEASON_ROWS), "offset": str(offset), "nsfw": "true", "fields": _LISTED}
        url = f"{self._base}/anime/season/{quarter.year}/{quarter.season.lower()}"
        reply = await self._http.get(url, params=params, headers=self._headers)
        async with self._http.reading(reply):
            return parse_official_season(reply.body, quarter)


def can_be_asked(title: str) -> bool:
    """Whether the API takes ``title``: shorter ones are refused."""
    return len(as_query(title)) >= SHORTEST_QUERY


def as_query(title: str) -> str:
    """``title`` as the API takes it: no brackets, at most `LONGEST_QUERY` characters, cut at the end of a word."""
    text = " ".join(_BRACKETS.sub(" ", title).split()) or " ".join(title.split())
    if len(text) <= LONGEST_QUERY:
        return text
    return text[: LONGEST_QUERY + 1].rpartition(" ")[0] or text[:LONGEST_QUERY]
