"""A running service with its status page, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis

from benchmarks.support.replies import add
from sources.record import Image, Synopsis
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.contract.codec import pack
from streams.contract.record import Beaten, Conflict, EnrichedRecord, MergedTitle, Provenance, SourceReport
from streams.doors.opened import opened
from streams.service.app import Service
from streams.web.beside import Beside

TOKEN = "a-token-for-tests"
HOSTILE = {
    "script": '<script>document.title="broken"</script><img src=x onerror=document.title="broken">',
    "quotes": "\"' onmouseover='alert(1)' \" &lt;b&gt; & co",
    "right to left": "\u202eabc \u0628\u062b\u0648\u062b \u05e9\u05dc\u05d5\u05dd",
    "long": "A" * 500,
}


@contextlib.asynccontextmanager
async def served(environment: dict[str, str], url: str, **options: Any) -> AsyncIterator[tuple[Service, str]]:
    """The service and the address of its page."""
    settings = Settings.load(environment | {"HTTP_PORT": "0"}, env_file=None)
    service = Service(settings, url, **options)
    both = Beside(service, opened(service))
    await both.start()
    try:
        async with asyncio.timeout(20):
            await both.page.ready.wait()
            await both.meter.listening.wait()
        yield both.service, f"http://127.0.0.1:{both.page.port}"
    finally:
        await both.stop()


def hostile_record(words: str, anime_id: str = "mal:666") -> EnrichedRecord:
    """A record in which everything that a site may write is ``words``."""
    return EnrichedRecord(
        anime_id=anime_id,
        title=words,
        title_native=words,
        titles=[MergedTitle(text=words)],
        genres=[words],
        synopsis=Synopsis(text=words),
        images=[Image(url="javascript:alert(1)")],
        urls={words: "javascript:alert(1)"},
        provenance={
            "title": Provenance(source="kitsu", rule="first", beaten=[Beaten(source="jikan", value=words)])
        },
        conflicts=[Conflict(field="title", values={"kitsu": words, "jikan": "other"}, chosen=words)],
        sources={"kitsu": SourceReport(outcome="failed", message=words, url="javascript:alert(1)")},
    )


async def store(redis: Redis, prefix: str, record: EnrichedRecord) -> None:
    """Put a record and an output entry where the page looks for them."""
    names, title = Topology(prefix), record.title or ""
    await redis.hset(
        names.record(record.anime_id), mapping={"data": pack(record), "title": title, "revision": 1}
    )
    await redis.zadd(names.records, {record.anime_id: int(time.time() * 1000)})
    fields = {
        "request_id": title,
        "anime_id": record.anime_id,
        "title": title,
        "status": "partial",
        "data": "{}",
    }
    await add(redis, names.enriched, fields)
