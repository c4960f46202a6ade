"""Names under which items of a record's lists are known again in the next revision, wherever they stand then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streams.text.keys import company_key, person_key, tag_key, title_key, url_key, word_key


def _episode_name(episode: Any) -> str:
    number = "?" if episode.number is None else f"{episode.number:g}"
    return f"{episode.kind} {number}"


def _id_name(ids: Mapping[str, str], otherwise: str) -> str:
    for site in ("anilist", "mal", "anidb"):
        if site in ids:
            return f"{site}:{ids[site]}"
    return next((f"{site}:{value}" for site, value in sorted(ids.items())), otherwise)


def _person_name(someone: Any) -> str:
    return _id_name(someone.ids, person_key(someone.names[0].text) if someone.names else "")


ITEM_NAMES: dict[str, Callable[[Any], str]] = {
    "titles": lambda title: f"{title_key(title.text)}/{title.language or ''}",
    "releases": lambda release: f"{release.source}/{release.kind}/{release.language or ''}",
    "synopses": lambda synopsis: f"{synopsis.source}/{synopsis.language or ''}",
    "genres": word_key,
    "demographics": word_key,
    "studios": company_key,
    "producers": company_key,
    "licensors": company_key,
    "tags": lambda tag: tag_key(tag.name),
    "relations": lambda relation: _id_name(relation.ids, relation.title or ""),
    "images": lambda image: url_key(image.url),
    "trailers": lambda trailer: url_key(trailer.url),
    "streaming": lambda link: url_key(link.url),
    "links": lambda link: url_key(link.url),
    "theme_songs": lambda song: f"{song.kind} {word_key(song.title)}",
    "episodes": _episode_name,
    "characters": _person_name,
    "staff": _person_name,
}
"""How an item of each list is named."""
