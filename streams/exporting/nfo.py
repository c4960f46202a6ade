"""NFO files for Kodi and Jellyfin: a folder a work, named by its id, with what media managers look for inside.

Tags follow the Kodi wiki (NFO files, v19 and later) and what Jellyfin's reader of NFO files takes.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from sources.record import Title
from streams.contract.record import EnrichedRecord, MergedEpisode
from streams.exporting.catalogue import Work
from streams.exporting.ids import file_name
from streams.exporting.whole import whole_folder

SITES = {
    "anidb": "anidb",
    "anilist": "anilist",
    "anisearch": "anisearch",
    "imdb": "imdb",
    "kitsu": "kitsu",
    "mal": "myanimelist",
    "thetvdb": "tvdb",
    "tmdb": "tmdb",
}
"""Types of ``uniqueid``."""
RATINGS = {"G": "G", "PG": "PG", "PG13": "PG-13", "R17": "R", "R_PLUS": "R", "RX": "NC-17"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MOST_ACTORS = 100


@contextlib.contextmanager
def nfo(path: Path) -> Iterator[Callable[[Work], None]]:
    """Takes works in, writes ``mal-1/tvshow.nfo`` (or ``movie.nfo``) and ``mal-1/S01E01.nfo`` and so on."""
    with whole_folder(path) as folder:

        def add(work: Work) -> None:
            record, own = work.record, folder / file_name(work.anime_id)
            own.mkdir()
            for name, root in documents(record):
                (own / name).write_bytes(written(root))

        yield add


def documents(record: EnrichedRecord) -> Iterator[tuple[str, ET.Element]]:
    """The files of a work: name and root; regular episodes have one each, numbered as the entry numbers them."""
    film = record.type == "MOVIE"
    yield ("movie.nfo", _film(record)) if film else ("tvshow.nfo", _show(record))
    for one in () if film else record.episodes:
        if one.kind == "regular" and one.number and one.number.is_integer():
            yield f"S01E{int(one.number):02}.nfo", _episode(one)


def written(root: ET.Element) -> bytes:
    """A document in UTF-8; what XML cannot hold is left out."""
    ET.indent(root)
    document: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return document + b"\n"


def _show(record: EnrichedRecord) -> ET.Element:
    root = _work("tvshow", record)
    _put(root, "status", {"AIRING": "Continuing", "FINISHED": "Ended"}.get(record.status or ""))
    _put(root, "enddate", record.end_date if _is_day(record.end_date) else None)
    return root


def _film(record: EnrichedRecord) -> ET.Element:
    return _work("movie", record)


def _work(tag: str, record: EnrichedRecord) -> ET.Element:
    root = ET.Element(tag)
    _put(root, "title", record.title or record.anime_id)
    _put(root, "originaltitle", record.title_native)
    _put(root, "plot", record.synopsis.text if record.synopsis else None)
    _put(root, "mpaa", RATINGS.get(record.content_rating or ""))
    _put(root, "year", record.year)
    _put(root, "premiered", record.start_date if _is_day(record.start_date) else None)
    _put(root, "runtime", round(record.duration_seconds / 60) if record.duration_seconds else None)
    for name in (*record.genres, *record.demographics):
        _put(root, "genre", name)
    for tag_ in record.tags:
        _put(root, "tag", None if tag_.spoiler else tag_.name)
    for studio in record.studios:
        _put(root, "studio", studio)
    _rate(root, record)
    _identify(root, record)
    poster = next((one.url for one in record.images if one.kind in {"poster", "cover"}), None)
    _put(root, "thumb", poster, aspect="poster")
    _cast(root, record)
    return root


def _rate(root: ET.Element, record: EnrichedRecord) -> None:
    if record.score is None:
        return
    ratings = ET.SubElement(root, "ratings")
    rating = ET.SubElement(ratings, "rating", name="default", max="10", default="true")
    _put(rating, "value", record.score.value)
    _put(rating, "votes", record.score.votes)


def _identify(root: ET.Element, record: EnrichedRecord) -> None:
    first = record.anime_id.partition(":")[0]
    for site, kind in SITES.items():
        own = record.ids.get(site, "").rpartition("/")[2]
        _put(root, "uniqueid", own, type=kind, **({"default": "true"} if site == first else {}))


def _cast(root: ET.Element, record: EnrichedRecord) -> None:
    """Who speaks the characters in the original; without them nobody acts in an anime."""
    spoken = [
        (one, voice) for one in record.characters for voice in one.voice_actors if voice.language == "ja"
    ]
    for place, (character, voice) in enumerate(spoken[:MOST_ACTORS]):
        actor = ET.SubElement(root, "actor")
        _put(actor, "name", voice.names[0].text if voice.names else None)
        _put(actor, "role", character.names[0].text if character.names else None)
        _put(actor, "order", place)
        _put(actor, "thumb", voice.image)


def _episode(episode: MergedEpisode) -> ET.Element:
    root = ET.Element("episodedetails")
    number = int(episode.number or 0)
    _put(root, "title", _title(episode.titles) or f"Episode {number}")
    _put(root, "season", 1)
    _put(root, "episode", number)
    _put(root, "plot", episode.synopsis)
    _put(root, "aired", episode.aired if _is_day(episode.aired) else None)
    _put(root, "runtime", round(episode.duration_seconds / 60) if episode.duration_seconds else None)
    _put(root, "thumb", episode.thumbnail)
    for site, kind in SITES.items():
        _put(root, "uniqueid", episode.ids.get(site), type=kind)
    return root


def _title(titles: list[Title]) -> str | None:
    english = next((one.text for one in titles if one.language == "en"), None)
    return english or next((one.text for one in titles), None)


def _is_day(date: str | None) -> bool:
    """Whether a date is exact; half a date would be read as another."""
    return date is not None and len(date) == 10


def _put(parent: ET.Element, tag: str, value: object, **attributes: str) -> None:
    """A child with a text, unless there is nothing to say."""
    text = _NOT_XML.sub("", str(value)) if value is not None else ""
    if text:
        ET.SubElement(parent, tag, attributes).text = text
