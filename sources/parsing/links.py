"""Ids of a work, cut out of the addresses under which other sites name it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from sources.parsing.text import clean

SITE_NAMES = {
    "mal": "MyAnimeList",
    "anilist": "AniList",
    "kitsu": "Kitsu",
    "kitsu_slug": "Kitsu",
    "anidb": "AniDB",
    "animeschedule": "AnimeSchedule",
    "anisearch": "aniSearch",
    "anime_planet": "Anime-Planet",
    "imdb": "IMDb",
    "tmdb": "TMDB",
    "thetvdb": "TheTVDB",
    "ann": "Anime News Network",
}
"""Keys of `ids_from_url` and how the sites write their own names."""

NUMBERED = frozenset({"mal", "anilist", "kitsu", "anidb", "anisearch", "thetvdb", "ann"})
"""Those whose ids are numbers."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of address: the id is the group of ``path``, or the query parameter ``query``."""

    site: str
    host: re.Pattern[str]
    path: re.Pattern[str]
    query: str | None = None

    def read(self, host: str, path: str, query: str) -> str | None:
        """The id in an address of this form, or ``None``."""
        if not self.host.fullmatch(host):
            return None
        found = self.path.fullmatch(path)
        if found is None or self.query is None:
            return found["id"] if found else None
        value = parse_qs(query, max_num_fields=20).get(self.query, [""])[0]
        return value if re.fullmatch(r"[1-9][0-9]{0,9}", value) else None


def _form(site: str, host: str, path: str, query: str | None = None) -> _Form:
    return _Form(site, re.compile(host), re.compile(path), query)


_ID = r"(?P<id>[1-9][0-9]{0,9})"
_SLUG = r"(?P<id>[a-z0-9][a-z0-9._~%-]{0,199})"
_END = r"(?:/.*)?"
_KITSU = r"kitsu\.(?:app|io)"
_ANIDB = r"(?:static\.|api\.)?anidb\.(?:net|info)"
_TVDB = r"thetvdb\.com"
_ANN = r"animenewsnetwork\.(?:com|cc)"

_FORMS = (
    _form("mal", r"myanimelist\.net", rf"/anime/{_ID}{_END}"),
    _form("mal", r"myanimelist\.net", r"/anime\.php", "id"),
    _form("anilist", r"anilist\.co", rf"/anime/{_ID}{_END}"),
    _form("kitsu", _KITSU, rf"(?:/api/edge)?/anime/{_ID}{_END}"),
    _form("kitsu_slug", _KITSU, rf"/anime/{_SLUG}{_END}"),
    _form("anidb", _ANIDB, rf"/(?:anime/|a){_ID}{_END}"),
    _form("anidb", _ANIDB, r"/(?:perl-bin/animedb\.pl)?", "aid"),
    _form("animeschedule", r"animeschedule\.net", rf"/anime/{_SLUG}{_END}"),
    _form("anisearch", r"anisearch\.(?:com|de|es|fr|it|jp)", rf"/anime/{_ID}(?:[,/].*)?"),
    _form(
        "anime_planet",
        r"anime-planet\.com",
        rf"/anime/(?!all(?:/|$)|tags/|top-|seasons/|years/){_SLUG}{_END}",
    ),
    _form("imdb", r"(?:m\.)?imdb\.com", rf"/title/(?P<id>tt[0-9]{{5,10}}){_END}"),
    _form("tmdb", r"themoviedb\.org", r"/(?P<id>(?:tv|movie)/[1-9][0-9]{0,9})(?:[-/].*)?"),
    _form("thetvdb", _TVDB, rf"/(?:dereferrer/)?(?:series|movie|movies)/{_ID}{_END}"),
    _form("thetvdb", _TVDB, r"/(?:index\.php)?", "id"),
    _form("thetvdb", _TVDB, r"/", "seriesid"),
    _form("ann", _ANN, r"/encyclopedia/anime\.php", "id"),
)


def ids_from_url(url: object) -> tuple[str, str] | None:
    """``(site, id)`` of the anime that ``url`` names, or ``None``.

    ``site`` is a key of `SITE_NAMES`; scheme and ``www.`` may be missing. Only addresses of an anime count: a manga,
    a character or a search page gives ``None``. TMDB ids keep their kind (``tv/37854``); a Kitsu address with a name
    instead of a number gives ``kitsu_slug``.
    """
    parts = _split(url)
    if parts is None:
        return None
    for form in _FORMS:
        if value := form.read(*parts):
            return form.site, value
    return None


def _split(url: object) -> tuple[str, str, str] | None:
    if not isinstance(url, str) or len(url) > 2000:
        return None
    text = url.strip()
    try:
        parts = urlsplit(text if "//" in text[:10] else f"//{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:  # a hostile address is no address
        return None
    if parts.scheme not in {"", "http", "https"}:
        return None
    return host, parts.path, parts.query.replace(";", "&")


def collect_ids(urls: Iterable[object]) -> dict[str, str]:
    """Ids by site from many addresses; the first of a site wins, sites that contradict themselves included."""
    ids: dict[str, str] = {}
    for url in urls:
        if found := ids_from_url(url):
            ids.setdefault(*found)
    return ids


def slug_of(value: object) -> str | None:
    """The name of an entry in a site's addresses; ``None`` for what can be no part of one, or has no letter or digit."""
    text = value.strip() if isinstance(value, str) else ""
    named = _NAME.fullmatch(text) and text.isprintable() and any(ch.isalnum() for ch in text)
    return text if named and clean(text) and text.lower() not in _NO_NAMES else None


def host_of(url: str) -> str:
    """The host of an address without ``www.``; ``other`` where it has none."""
    parts = _split(url)
    return (parts[0] if parts else "") or "other"


_NO_NAMES = {"null", "none", "undefined", "nan", "tba", "unknown", "n-a"}
_NAME = re.compile(r"[^\s/?#<>&\"'\\]{1,200}")
_YOUTUBE = re.compile(
    r"(?:https?:)?//(?:www\.|m\.)?(?:youtu\.be/|youtube(?:-nocookie)?\.com/(?:embed/|v/|shorts/|watch\?(?:.*&)?v=))"
    r"([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])"
)


def youtube_id(url: object) -> str | None:
    """The id of the video that a YouTube address shows, in any of its forms; ``None`` for other addresses."""
    found = _YOUTUBE.match(url) if isinstance(url, str) and len(url) < 2000 else None
    return found[1] if found else None


_VIDEOS = {
    "youtube": (re.compile(r"[A-Za-z0-9_-]{11}"), "https://www.youtube.com/watch?v={}"),
    "dailymotion": (re.compile(r"[a-z][a-z0-9]{3,9}"), "https://www.dailymotion.com/video/{}"),
}


def video(said: object, site: str = "youtube") -> tuple[str, str] | None:
    """Id and address of a video on ``site``, from its id or (YouTube) its address; ``None`` for what can be neither."""
    form, address = _VIDEOS.get(site, (None, ""))
    text = said.strip() if isinstance(said, str) else ""
    own = youtube_id(text) if site == "youtube" and "//" in text else text
    return (own, address.format(own)) if form and own and form.fullmatch(own) else None
