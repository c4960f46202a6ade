"""Whether the sites can be asked: credentials, bans, a connection, and a browser for the crawled ones."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from sources import Source, discover
from sources.crawling.browser import BrowserEngine, BrowserOptions
from sources.crawling.browser_finder import find_browser
from sources.discovery import broken, shipped
from streams.config.settings import Settings, contested_variables
from streams.operations.check import Check
from streams.text.secrets import without_secrets

CONNECT_SECONDS = 4.0
OUT_OF_REACH = "out of reach: "
NOBODY = Check(
    subject="sites",
    state="fault",
    found="none of the sites can be reached: are you offline?",
    next_step="check the network; `anime-enrich --title TITLE --offline` plays the sites",
)


async def sites(settings: Settings) -> list[Check]:
    """A finding for each active source; nothing is asked of the sites, so that no limit is touched."""
    active = {name: source for name, source in discover().items() if name in settings.active_sources}
    found = await asyncio.gather(*(_source(settings, source) for source in active.values()))
    tried = [one for one in found if one.state != "note"]
    if tried and all(one.found.startswith(OUT_OF_REACH) for one in tried):
        return [*found, NOBODY]
    return list(found)


def installed(settings: Settings) -> Iterator[Check]:
    """The sources that other packages bring: those that are left out, those that are off, settings they do not get."""
    for one in broken():
        yield Check(
            subject=one.name,
            state="warning",
            found=f"the source of the package {one.package or '?'} is left out: {one.why}",
            next_step=f"mend or uninstall {one.package or 'the package'}",
        )
    lost = contested_variables()
    for name in discover().keys() - shipped().keys():
        if names := lost.get(name):
            step = f"the author of {name} must give these settings, or the source, another name"
            found = f"does not get {', '.join(sorted(names))}: others have that name"
            yield Check(subject=name, state="warning", found=found, next_step=step)
        if name not in settings.active_sources:
            step = f"ENABLED_SOURCES={','.join([*settings.active_sources, name])}"
            yield Check(subject=name, state="note", found="installed, and off", next_step=step)


async def _source(settings: Settings, source: type[Source]) -> Check:
    missing = [s for s in source.settings if s.required and not settings.source(source.name, s.name)]
    if missing:
        names = {s.variable_of(source.name): s.help for s in missing}
        return Check(
            subject=source.name,
            state="note",
            found=f"not asked: without {' and '.join(names)}",
            next_step="set " + "; ".join(f"{name} ({meaning})" for name, meaning in names.items()),
        )
    base = settings.base_url(source.name)
    trouble = await _unreachable(base)
    shown = without_secrets(base)
    if trouble:
        step = f"check the network, or point {source.name.upper()}_BASE_URL at a mirror"
        return Check(
            subject=source.name, state="warning", found=f"{OUT_OF_REACH}{shown}: {trouble}", next_step=step
        )
    return Check(subject=source.name, state="ok", found=shown)


async def _unreachable(base: str) -> str:
    """Why no connection to the site is had, or ''; nothing is asked, so that no limit is touched."""
    address = urlsplit(base)
    port = address.port or (443 if address.scheme == "https" else 80)
    if os.environ.get(f"{address.scheme}_proxy") or os.environ.get(f"{address.scheme.upper()}_PROXY"):
        return ""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(address.hostname, port)
    except TimeoutError:
        return "no connection in time"
    except OSError as error:
        return f"no connection ({error.strerror or error})"
    writer.close()
    return ""


def crawling(settings: Settings) -> Check:
    """Whether the crawled sites are read with a browser."""
    if settings.crawl_engine == "http":
        return Check(
            subject="browser", state="note", found="CRAWL_ENGINE is http: pages are read without one"
        )
    options = BrowserOptions(cdp_url=settings.browser_cdp_url, path=settings.browser_path)
    missing = BrowserEngine(options).missing()
    if not missing:
        where = settings.browser_cdp_url or find_browser(settings.browser_path)
        return Check(subject="browser", state="ok", found=without_secrets(str(where or "found")))
    needed = settings.crawl_engine == "browser"
    engine = "none: aniSearch and Anime-Planet are " + (
        "not read" if needed else "read without one and may refuse"
    )
    return Check(subject="browser", state="fault" if needed else "note", found=engine, next_step=missing)
