"""One ``<anime>`` document of the HTTP API, made a record."""

from __future__ import annotations

from typing import Any

from sources.anidb import airing, episodes, people, resources, tags, titles
from sources.anidb.complaint import check_is_data
from sources.anidb.draft import Draft, read_draft
from sources.anidb.relations import PAGE
from sources.anidb.wording import prose
from sources.anidb.xml import mend, unpack
from sources.errors import NotAnEntry
from sources.parsing.dates import read_date, season_of
from sources.parsing.json_reply import real, truth, whole
from sources.parsing.sizes import episode_total
from sources.parsing.vocabulary import read
from sources.record import Image, Score, SourceRecord, Synopsis


def parse(body: bytes, *, url: str = "", today: str | None = None) -> SourceRecord:
    """The record in one document. Raises `NotAnEntry`.

    Args:
        body: the answer as it came, packed or not.
        url: where it came from; the record's own address is the page of the entry.
        today: the date (YYYY-MM-DD, Japan) that decides whether it has started or ended; see `airing`.
    """
    text = unpack(body)
    check_is_data(text)
    draft = _sound(text)
    if not draft.lists.get("titles/title"):
        raise NotAnEntry("changed_layout", "a document without a title")
    return _record(draft, today)


def _sound(text: bytes) -> Draft:
    """The document, mended where it is not sound as it came."""
    try:
        return read_draft(text)
    except NotAnEntry as error:
        repaired: list[str] = []
        mended = mend(text, repaired)
        if error.reason != "error" or not repaired:
            raise
        draft = read_draft(mended)
        draft.repaired = repaired
        return draft


def _record(draft: Draft, today: str | None) -> SourceRecord:
    aid, found = draft.attributes["id"], draft.lists
    fields: dict[str, Any] = {"source": "anidb", "source_id": aid, "url": PAGE.format(aid)}
    fields |= _naming(found["titles/title"])
    fields |= _running(draft, today)
    fields |= _describing(draft)
    fields |= _making(found)
    links = resources.elsewhere(found.get("resources/resource", []), draft.unmapped)
    home = resources.official_link(draft.texts.get("url"))
    known = {link.url for link in links.links}
    fields["links"] = ([home] if home and home.url not in known else []) + links.links
    fields |= {"streaming": links.streaming, "trailers": links.trailers, "ids": {"anidb": aid} | links.ids}
    fields["relations"] = found.get("relatedanime/anime", [])
    fields["raw"] = _raw(draft) | {"resources": links.raw, "structural_tags": fields.pop("structural_tags")}
    fields["further"] = {"updated_at": draft.touched} if draft.touched else {}
    fields["repaired"], fields["incomplete"] = draft.repaired, draft.incomplete
    fields["unmapped"] = list({(u.field, u.raw): u for u in draft.unmapped}.values())
    return SourceRecord(**fields)


def _naming(names: list[Any]) -> dict[str, Any]:
    return {
        "title": titles.main_title(names),
        "titles": names,
        "title_english": titles.english_title(names),
        "title_native": titles.native_title(names),
    }


def _running(draft: Draft, today: str | None) -> dict[str, Any]:
    start, end = (read_date(draft.texts.get(name)) for name in ("startdate", "enddate"))
    season, year = season_of(start)
    listed = episodes.in_order(draft.lists.get("episodes/episode", []))
    kind = read("type", "anidb", draft.texts.get("type"), draft.unmapped)
    return {
        "type": kind,
        "status": airing.status_of(start, end, today, draft.touched),
        "episode_count": episode_total(draft.texts.get("episodecount")),
        "episodes_aired": episodes.aired_until(listed, today) if today else None,
        "duration_seconds": episodes.usual_duration(listed, kind == "MOVIE"),
        "season": season,
        "year": year,
        "start_date": start,
        "end_date": end,
        "episodes": listed,
    }


def _describing(draft: Draft) -> dict[str, Any]:
    sorted_tags = tags.sort_tags(draft.lists.get("tags/tag", []), draft.unmapped)
    text = prose(draft.texts.get("description"))
    picture = people.picture_url(draft.texts.get("picture"))
    restricted = truth(draft.attributes["restricted"])
    page = PAGE.format(draft.attributes["id"])
    return {
        "synopsis": Synopsis(text=text, language="en", source="anidb", url=page) if text else None,
        "tags": sorted_tags.tags,
        "structural_tags": sorted_tags.structural,
        "demographics": sorted_tags.demographics,
        "source_material": sorted_tags.source_material,
        "adult": restricted,
        "content_rating": read(
            "content_rating", "anidb", f"restricted={'true' if restricted else 'false'}", draft.unmapped
        ),
        "images": [Image(url=picture, kind="poster")] if picture else [],
        **_rating(draft.ratings),
    }


def _rating(ratings: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The permanent rating is the score; the temporary one (no finished viewing needed) and reviews stay beside it."""
    numbers = {kind: (_rated(r["value"]), whole(r["count"])) for kind, r in ratings.items()}
    value, votes = numbers.get("permanent", (None, None))
    popularity = {f"{kind}_rating": v for kind, (v, _) in numbers.items() if v and kind != "permanent"}
    popularity |= {f"{kind}_votes": float(n) for kind, (_, n) in numbers.items() if n}
    score = Score(value=value, scale_min=1, scale_max=10, votes=votes) if value else None
    return {"score": score, "popularity": popularity}


def _rated(text: str) -> float | None:
    value = real(text)
    return value if value is not None and 1 <= value <= 10 else None


def _making(found: dict[str, list[Any]]) -> dict[str, Any]:
    credited = found.get("creators/name", [])
    home = titles.origin(found["titles/title"])
    return {
        "studios": people.studios(credited),
        "staff": people.staff(credited),
        "characters": people.cast(found.get("characters/character", []), home),
    }


def _raw(draft: Draft) -> dict[str, Any]:
    texts = {name: text[:500] for name, text in draft.texts.items() if name != "description"}
    credited = draft.lists.get("creators/name", [])
    return {
        **draft.attributes,
        **texts,
        "ratings": draft.ratings,
        "creators_animation_work": [c.name for c in credited if c.role == "Animation Work"],
        "tag_count": len(draft.lists.get("tags/tag", [])),
    }
