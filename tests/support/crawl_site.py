"""A crawled site on loopback, and an engine that plays the browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from sources.verdict import Fetched, Kind

CHALLENGE = "<html><head><title>Just a moment...</title></head><body></body></html>"


def anchors(html: str, _url: str) -> Kind:
    """The landmark of a good page is its <h1>."""
    if "<h1>" in html:
        return Kind.OK
    return Kind.NOT_FOUND if "couldn't find" in html else Kind.CHANGED_LAYOUT


@dataclass
class Site:
    """Answers every path with a good page unless told otherwise; ``plain_client`` is what aiohttp gets to see."""

    base: str = ""
    robots: tuple[int, str] = (404, "")
    plain_client: tuple[int, str, dict[str, str]] | None = None
    moved: dict[str, str] = field(default_factory=lambda: {"/moved": "/anime/1"})
    script: str = ""
    asked: list[str] = field(default_factory=list)

    @property
    def pages(self) -> list[str]:
        """The paths that were asked for, without robots.txt."""
        return [path for path in self.asked if path != "/robots.txt"]

    async def answer(self, request: web.Request) -> web.Response:
        """One reply."""
        self.asked.append(request.path)
        if request.path == "/robots.txt" and "/robots.txt" not in self.moved:
            return web.Response(status=self.robots[0], text=self.robots[1])
        if self.plain_client:
            status, text, headers = self.plain_client
            return web.Response(status=status, text=text, headers=headers, content_type="text/html")
        if request.path in self.moved:
            return web.Response(status=302, headers={"Location": self.moved[request.path]})
        if request.path == "/scripted":
            text = f"<html><body><h1>x</h1><script>{self.script}</script></body></html>"
            return web.Response(text=text, content_type="text/html")
        if request.path == "/hang":
            endless = "<h1>x</h1><script>while (true) {}</script>"
            return web.Response(text=f"<html><body>{endless}</body></html>", content_type="text/html")
        text = (
            f"<html><head><title>t</title><link rel=stylesheet href=/style.css><script src=/s.js></script></head>"
            f"<body><h1>{request.path}</h1><img src=/image.png></body></html>"
        )
        return web.Response(text=text, content_type="text/html")


@asynccontextmanager
async def playing() -> AsyncIterator[Site]:
    """The site on a free port."""
    site = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    async with TestServer(app) as server:
        site.base = str(server.make_url("")).rstrip("/")
        yield site


class PlayedBrowser:
    """Stands for the browser engine: answers what it is told, one after the other, then good pages."""

    name = "browser"

    def __init__(self, *answers: Fetched) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.resting = False
        self.needs = ""

    def missing(self) -> str:
        """What the real one would need."""
        return self.needs

    async def fetch(self, url: str) -> Fetched:
        """The next answer."""
        self.asked.append(url)
        return self.answers.pop(0) if self.answers else Fetched(url, 200, html="<h1>rendered</h1>")

    async def close(self) -> None:
        """Nothing to close."""
