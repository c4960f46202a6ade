"""What the contract demands of a source, asked of any that is given.

May import: base, crawl, demo, discovery, errors, http, listing, parsing, record, verdict, cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sources.base import Source
from sources.check.bench import Finding, set_up
from sources.check.rules import RULES
from sources.demo.replies import demo_folder

__all__ = ["DEMO_TITLES", "Finding", "check"]

DEMO_TITLES = ("Cowboy Bebop", "One Piece", "K-On!")
"""Titles that every played site knows."""


async def check(
    cls: type[Source],
    *,
    folder: Path | None = None,
    titles: Sequence[str] = DEMO_TITLES,
    timeout_seconds: float = 2.0,
) -> list[Finding]:
    """Every rule of the contract for ``cls``, asked of the replies in ``folder`` (default: its demo).

    ``titles`` are titles that the played site knows.
    """
    folder = folder or demo_folder(cls)
    findings: list[Finding] = []
    async with set_up(cls, folder, timeout_seconds) as stand:
        for rule in RULES:
            try:
                findings += [finding async for finding in rule(stand, titles)]
            except Exception as error:  # noqa: BLE001 - whatever breaks here is what the reader must see
                why = f"{type(error).__name__}: {error}"
                findings.append(Finding(f"{rule.__name__} without a break", ok=False, detail=why))
            finally:
                stand.fault(None)
    return findings
