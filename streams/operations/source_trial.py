"""One source alone in the whole pipeline: its played site, a server of its own, and requests from title to record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sources import Source
from sources.check import Finding
from sources.demo.replies import demo_folder
from sources.demo.world import Site, variables_of
from streams.client.library import Enriched, Enricher
from streams.config.settings import Settings

DEADLINE_SECONDS = 20.0


async def whole_requests(
    cls: type[Source], titles: Sequence[str], folder: Path | None = None
) -> list[Finding]:
    """What comes of a request for each of ``titles`` when ``cls`` alone is asked; nothing leaves the machine."""
    if not cls.searches:
        return []
    try:
        async with _alone(cls, folder or demo_folder(cls)) as enricher:
            found = await enricher.enrich_all(titles, deadline_s=DEADLINE_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever breaks here is what the reader must see
        return [Finding("a whole request ends", ok=False, detail=f"{type(error).__name__}: {error}")]
    findings = [_finding(cls, title, one) for title, one in zip(titles, found, strict=True)]
    names = [one.anime_id for one in found]
    return [
        *findings,
        Finding("each work has a record of its own", len(set(names)) == len(names), str(names)),
    ]


@asynccontextmanager
async def _alone(cls: type[Source], folder: Path) -> AsyncIterator[Enricher]:
    site = Site(cls.name, folder, [], keep_log=False, address=("127.0.0.1", 0))
    await site.start()
    try:
        with TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as data:
            values = {"ENABLED_SOURCES": cls.name, "DATA_DIR": data, "CRAWL_ENGINE": "http"}
            off = {f"{cls.name.upper()}_LIMITS": "off"}
            settings = Settings.from_values({**values, **variables_of(cls, site.base), **off})
            async with Enricher(settings) as enricher:
                yield enricher
    finally:
        await site.stop()


def _finding(cls: type[Source], title: str, found: Enriched) -> Finding:
    rule = f"a whole request for {title} gives a record with its id"
    if found.record is None:
        why = found.refusal.reason or found.refusal.message if found.refusal else ""
        return Finding(rule, ok=False, detail=f"{found.status}{f': {why}' if why else ''}")
    named = cls.names_ids() in found.record.ids and bool(found.anime_id)
    return Finding(rule, named and found.status == "complete", f"{found.status}, {found.record.ids}")
