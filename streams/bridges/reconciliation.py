"""The Reconciliation Service API 0.2 (W3C community group), for OpenRefine and others: titles in, works out; read-only.

``match`` is true for the one work that the pipeline would accept, and for nothing else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import ValidationError

from sources.discovery import id_names
from sources.parsing.vocabulary import words
from streams.bridges.resolving import Resolved, Work
from streams.contract.events import TitleRequest
from streams.contract.record import EnrichedRecord

VERSION = "0.2"
ANY = {"id": "anime", "name": "Anime"}
MOST_QUERIES, SIDE_BY_SIDE = 50, 4
MOST_CANDIDATES, MOST_SUGGESTED = 10, 10


class Resolving(Protocol):
    """What finds out which work is meant."""

    async def resolve(self, request: TitleRequest) -> Resolved:
        """What a request means."""


class BadQuery(ValueError):  # noqa: N818 - it names the query
    """What was sent is no batch of queries."""


def manifest(base: str) -> dict[str, Any]:
    """What the service at ``base`` (no slash at the end) can do."""
    suggest = {"service_url": base}
    return {
        "versions": [VERSION],
        "name": "anime-enrich",
        "identifierSpace": "urn:anime-enrich:anime",
        "schemaSpace": "urn:anime-enrich:schema",
        "defaultTypes": [ANY],
        "view": {"url": f"{base}/view?id={{{{id}}}}"},
        "preview": {"url": f"{base}/preview?id={{{{id}}}}", "width": 400, "height": 200},
        "suggest": {
            "entity": {**suggest, "service_path": "/suggest/entity"},
            "type": {**suggest, "service_path": "/suggest/type"},
            "property": {**suggest, "service_path": "/suggest/property"},
        },
    }


def read_batch(text: str) -> dict[str, dict[str, Any]]:
    """The queries by their keys. Raises `BadQuery`."""
    try:
        batch = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadQuery("queries is no JSON") from error
    if not isinstance(batch, dict) or not all(isinstance(one, dict) for one in batch.values()):
        raise BadQuery("queries is no object of queries")
    if len(batch) > MOST_QUERIES:
        raise BadQuery(f"at most {MOST_QUERIES} queries at once")
    return batch


class Reconciler:
    """Answers batches of queries, a few side by side."""

    def __init__(self, resolver: Resolving) -> None:
        self.resolver = resolver
        self._places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def answer(self, batch: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The result of each query; one that asks for nothing that we know has none."""
        found = await asyncio.gather(*map(self._one, batch.values()))
        return {key: {"result": result} for key, result in zip(batch, found, strict=True)}

    async def _one(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        try:
            request = TitleRequest.model_validate(wanted(query))
        except ValidationError:
            return []
        async with self._places:
            resolved = await self.resolver.resolve(request)
        sure = resolved.verdict == "accept"
        return [candidate(one, match=sure) for one in resolved.works if one.anime_id][: _limit(query)]


def wanted(query: Mapping[str, Any]) -> dict[str, Any]:
    """A query as a request: its text is the title, its properties a year and ids, one type of ours a type."""
    given = {
        one.get("pid"): _value(one.get("v")) for one in query.get("properties") or [] if isinstance(one, dict)
    }
    types = query.get("type")
    kind = types if isinstance(types, str) else given.get("type")
    year = str(given.get("year") or "")[:4]
    return {
        "title": query.get("query"),
        "ids": {name: given[name] for name in id_names() if given.get(name)},
        "year": int(year) if year.isascii() and year.isdigit() else None,
        "type": kind if isinstance(kind, str) and kind.upper() in words("type") else None,
        "priority": "interactive",
    }


def _value(value: Any) -> Any:
    """One value of a property: the first of a list, the id of an entity."""
    value = value[0] if isinstance(value, list) and value else value
    return value.get("id") if isinstance(value, dict) else value


def _limit(query: Mapping[str, Any]) -> int:
    asked = query.get("limit")
    return max(1, min(int(asked), MOST_CANDIDATES)) if isinstance(asked, int | float) else MOST_CANDIDATES


def candidate(work: Work, *, match: bool) -> dict[str, Any]:
    """A work as a candidate; ``score`` is how sure we are, in percent."""
    return {
        "id": work.anime_id,
        "name": work.title,
        "description": ", ".join(str(one) for one in (work.type, work.year) if one),
        "score": round(100 * (work.confidence or 0.0), 2),
        "match": match,
        "type": [ANY, *([{"id": work.type, "name": work.type}] if work.type else [])],
    }


def suggested_types(prefix: str) -> list[dict[str, str]]:
    """The types that begin so."""
    known = [ANY, *({"id": one, "name": one} for one in words("type"))]
    return [one for one in known if one["name"].casefold().startswith(prefix.casefold())]


def suggested_properties(prefix: str) -> list[dict[str, str]]:
    """The properties that a query can name, which begin so."""
    known = ["year", "type", *id_names()]
    return [{"id": one, "name": one} for one in known if one.startswith(prefix.casefold())]


def suggested_entity(record: EnrichedRecord) -> dict[str, Any]:
    """A known record that a person may pick."""
    told = ", ".join(str(one) for one in (record.type, record.year) if one)
    return {
        "id": record.anime_id,
        "name": record.title or record.anime_id,
        "description": told,
        "notable": [ANY],
    }
