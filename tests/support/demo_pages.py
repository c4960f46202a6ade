"""Replies of the played sites, with changes made to them."""

from __future__ import annotations

from pathlib import Path

import sources.demo

DEMO = Path(sources.demo.__file__).parent


def demo_page(site: str, name: str, *changes: tuple[str, str]) -> bytes:
    """The page ``name`` of a crawled ``site``; see `demo_reply`."""
    return demo_reply(site, f"{name}.html", *changes)


def demo_reply(site: str, file: str, *changes: tuple[str, str]) -> bytes:
    """The reply in ``file`` of ``site``; each change replaces a text that must be there."""
    text = (DEMO / site / file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()
