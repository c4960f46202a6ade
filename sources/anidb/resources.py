"""What AniDB calls resources: ids on other sites, pages, streams and videos."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.etree.ElementTree import Element

from sources.parsing.text import clean
from sources.parsing.vocabulary import canonical, read
from sources.record import Link, Trailer, Unmapped

Resource = tuple[str, list[list[str]]]
"""The type, and for each external entity its identifiers or addresses."""

_IDS = {"mal", "ann", "imdb", "tmdb", "syoboi", "allcinema", "anison", "vndb"}
_PAGES = {
    "mal": ("MyAnimeList", "https://myanimelist.net/anime/{}", "info", None),
    "ann": (
        "Anime News Network",
        "https://www.animenewsnetwork.com/encyclopedia/anime.php?id={}",
        "info",
        None,
    ),
    "imdb": ("IMDb", "https://www.imdb.com/title/{}", "info", None),
    "tmdb": ("TMDB", "https://www.themoviedb.org/{}", "info", None),
    "vndb": ("VNDB", "https://vndb.org/{}", "info", None),
    "syoboi": ("Syoboi Calendar", "https://cal.syoboi.jp/tid/{}", "info", "ja"),
    "allcinema": ("allcinema", "https://www.allcinema.net/cinema/{}", "info", "ja"),
    "anison": ("Anison Generation", "http://anison.info/data/program/{}.html", "info", "ja"),
    "official": ("Official Site", "{}", "official", None),
    "official_en": ("Official Site", "{}", "official", "en"),
    "wikipedia_en": ("Wikipedia", "https://en.wikipedia.org/wiki/{}", "info", "en"),
    "wikipedia_ja": ("Wikipedia", "https://ja.wikipedia.org/wiki/{}", "info", "ja"),
    "wikipedia_ko": ("Wikipedia", "https://ko.wikipedia.org/wiki/{}", "info", "ko"),
    "wikipedia_zh": ("Wikipedia", "https://zh.wikipedia.org/wiki/{}", "info", "zh"),
    "twitter": ("Twitter", "https://twitter.com/{}", "social", None),
    "youtube": ("YouTube", "https://www.youtube.com/{}", "social", None),
    "crunchyroll": ("Crunchyroll", "https://www.crunchyroll.com/{}", "streaming", None),
    "amazon": ("Amazon", "https://www.amazon.com/dp/{}", "streaming", None),
    "netflix": ("Netflix", "https://www.netflix.com/title/{}", "streaming", None),
    "hulu": ("Hulu", "https://www.hulu.com/series/{}", "streaming", None),
}
"""Name, address, kind and language of a page; sites that are gone or whose addresses we do not know have none."""

_PLAIN = "/()!,:'*;@=&?.%~"
_NUMERIC = re.compile(r"[1-9][0-9]{0,11}")
_SERIES = re.compile(r"[A-Z0-9]{9,12}")
_VIDEO = re.compile(r"watch\?v=([\w-]{11})")
_CRUNCHYROLL = (
    (_NUMERIC, "https://www.crunchyroll.com/media-{}"),
    (_SERIES, "https://www.crunchyroll.com/watch/{}"),
)
"""Addresses of one episode by the form of its id, which was a number until 2023; they are a guess, no document has them."""


@dataclass(slots=True)
class Elsewhere:
    """Where else the work is to be found."""

    ids: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    streaming: list[Link] = field(default_factory=list)
    trailers: list[Trailer] = field(default_factory=list)
    raw: dict[str, list[list[str]]] = field(default_factory=dict)


def read_resource(element: Element) -> Resource | None:
    """One ``resource`` element; ``None`` when it names nothing."""
    found = [
        [text for part in entity if part.tag in {"identifier", "url"} and (text := clean(part.text))]
        for entity in element.iterfind("externalentity")
    ]
    named = [parts for parts in found if parts]
    return (element.get("type", ""), named) if named else None


def elsewhere(resources: list[Resource], unmapped: list[Unmapped]) -> Elsewhere:
    """Ids and pages. Where AniDB joins several entries of a site, the first gives the id; ``raw`` has all."""
    found = Elsewhere()
    for kind, site, parts in _entities(resources, unmapped):
        found.raw.setdefault(kind, []).append(parts)
        value = _identifier(site, parts)
        if value is None:
            continue
        if site in _IDS:
            found.ids.setdefault(site, value)
        if video := _VIDEO.fullmatch(value):
            url = f"https://www.youtube.com/watch?v={video[1]}"
            found.trailers.append(Trailer(site="youtube", id=video[1], url=url))
        elif link := _link(site, value):
            (found.streaming if link.kind == "streaming" else found.links).append(link)
    return found


def _entities(resources: list[Resource], unmapped: list[Unmapped]) -> Iterator[tuple[str, str, list[str]]]:
    for kind, entities in resources:
        site = read("site", "anidb", kind, unmapped) or ""
        for parts in entities:
            yield kind, site, parts


def _identifier(site: str, parts: list[str]) -> str | None:
    """The id as the site itself writes it; ``None`` for one that cannot be right."""
    first = parts[0]
    if site in {"mal", "ann", "syoboi", "allcinema", "anison"}:
        return first if _NUMERIC.fullmatch(first) else None
    if site == "vndb":
        return f"{parts[1]}{first}" if len(parts) > 1 and parts[1].isalpha() else None
    if site == "tmdb":
        return f"{parts[1]}/{first}" if len(parts) > 1 and parts[1] in {"tv", "movie"} else None
    if site == "imdb":
        return first if re.fullmatch(r"tt[0-9]{5,10}", first) else None
    if site == "crunchyroll" and _SERIES.fullmatch(first):
        return f"series/{first}"
    return first


def episode_links(element: Element) -> list[Link]:
    """Where to watch one ``episode``; AniDB names the id of its video, and beside older ones that of the show."""
    found = (read_resource(resource) for resource in element.iterfind("resources/resource"))
    entities = [(kind, parts[0]) for kind, listed in filter(None, found) for parts in listed]
    ids = [own for kind, own in entities if canonical("site", "anidb", kind) == "crunchyroll"]
    urls = [form.format(own) for own in ids for known, form in _CRUNCHYROLL if known.fullmatch(own)]
    return [Link(site="Crunchyroll", url=url, kind="streaming") for url in dict.fromkeys(urls)]


def _link(site: str, value: str) -> Link | None:
    if site not in _PAGES or len(value) > 1000:
        return None
    name, address, kind, language = _PAGES[site]
    if kind == "official":
        return official_link(value, language)
    if (
        name == "Wikipedia"
    ):  # a title may hold a question mark, and a part after # is written in a way long gone
        value = value.partition("#")[0].replace("?", "%3F")
    return Link(site=name, url=address.format(quote(value, safe=_PLAIN)), kind=kind, language=language)


def official_link(url: str | None, language: str | None = None) -> Link | None:
    """A link to an official site; ``None`` when ``url`` is no web address."""
    text = (url or "").strip()
    if not text.startswith(("http://", "https://")) or " " in text or len(text) > 1000:
        return None
    return Link(site="Official Site", url=text, kind="official", language=language)
