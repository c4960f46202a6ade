"""Whether a source keeps the contract: asked against its own played site, with every fault that we know how to play."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sources.base import Source
from sources.check.bench import CrawlFactory, Finding, bench
from sources.check.rules import RULES
from sources.errors import NotAnEntry, SourceError

__all__ = ["DEMO_TITLES", "CrawlFactory", "Finding", "check"]

DEMO_TITLES = ("Cowboy Bebop", "One Piece", "K-On!")
"""Titles that every played site knows."""


async def check(
    cls: type[Source],
    *,
    folder: Path | None = None,
    titles: Sequence[str] = DEMO_TITLES,
    crawl: CrawlFactory | None = None,
    timeout_seconds: float = 2.0,
) -> list[Finding]:
    """Every rule of the contract for ``cls``, asked of the replies in ``folder`` (default: its demo).

    ``titles`` are titles that the played site knows. A crawled source needs ``crawl``, which makes its reader of pages.
    """
    folder = folder or Path(__file__).parents[1] / "demo" / cls.name
    findings: list[Finding] = []
    async with bench(cls, folder, crawl, timeout_seconds) as stand:
        for rule in RULES:
            try:
                findings += [finding async for finding in rule(stand, titles)]
            except (SourceError, NotAnEntry) as error:
                findings.append(Finding(rule.__name__, ok=False, detail=f"{error.reason}: {error}"))
            finally:
                stand.fault(None)
    return findings
