"""Makers, related works and streaming pages, which stand in a document's ``included`` resources."""

from __future__ import annotations

from sources.kitsu.document import Resource
from sources.parsing.dates import read_date, season_of
from sources.parsing.json_reply import address, identifier, word, words
from sources.parsing.languages import by_key
from sources.parsing.links import host_of
from sources.parsing.text import clean, title_text
from sources.parsing.vocabulary import canonical, read
from sources.record import Link, Relation, Unmapped

ROLES = ("studio", "producer", "licensor")


def productions(resource: Resource, unmapped: list[Unmapped]) -> dict[str, list[str]]:
    """Names by role; a role we do not know is noted and its company left among the producers."""
    makers: dict[str, list[str]] = {role: [] for role in ROLES}
    for production in resource.to("animeProductions", "productions", "mediaProductions"):
        company = production.first("producer", "company")
        name, role = (
            clean(company.attributes.get("name")) if company else None,
            _role(production, unmapped),
        )
        if name and name not in makers[role]:
            makers[role].append(name)
    return makers


def _role(production: Resource, unmapped: list[Unmapped]) -> str:
    raw = word(production.attributes.get("role"))
    if raw and raw.lower() in ROLES:
        return raw.lower()
    if raw:
        unmapped.append(Unmapped(field="production_role", raw=raw[:200]))
    return "producer"


def relations(resource: Resource, unmapped: list[Unmapped]) -> list[Relation]:
    """Related works; one whose destination was not included keeps its id."""
    found = [_relation(item, unmapped) for item in resource.to("mediaRelationships")]
    return [relation for relation in found if relation]


def _relation(item: Resource, unmapped: list[Unmapped]) -> Relation | None:
    destination = item.first("destination") or _reference(item)
    number = identifier(destination.id) if destination else None
    if destination is None or number is None:
        return None
    raw, attributes = clean(item.attributes.get("role")), destination.attributes
    media = destination.type if destination.type in {"anime", "manga"} else "other"
    return Relation(
        kind=read("relation", "kitsu", raw, unmapped, "OTHER") or "OTHER",
        kind_raw=raw,
        media=media,
        title=title_text(attributes.get("canonicalTitle")),
        type=canonical("type", "kitsu", word(attributes.get("subtype"))) if media == "anime" else None,
        year=season_of(read_date(attributes.get("startDate")))[1],
        ids={"kitsu": number},
        url=f"https://kitsu.app/{media}/{number}" if media != "other" else None,
    )


def _reference(item: Resource) -> Resource | None:
    data = item.body.get("relationships")
    pointed = data.get("destination") if isinstance(data, dict) else None
    body = pointed.get("data") if isinstance(pointed, dict) else None
    return Resource(body, {}) if isinstance(body, dict) else None


def streaming(resource: Resource) -> list[Link]:
    """Where it can be watched; the first language of its subtitles or dubs is the link's."""
    return [link for item in resource.to("streamingLinks") if (link := _stream(item))]


def _stream(item: Resource) -> Link | None:
    url, streamer = address(item.attributes.get("url")), item.first("streamer")
    if url is None:
        return None
    spoken = [*words(item.attributes.get("subs")), *words(item.attributes.get("dubs"))]
    named = clean(streamer.attributes.get("siteName")) if streamer else None
    language = by_key(spoken[0]) if spoken else None
    return Link(site=named or host_of(url), url=url, kind="streaming", language=language)
