"""Pictures of works, and what is drawn in their place: the title on a ground of its own colour. Pure."""

from __future__ import annotations

import textwrap
import zlib

from sources.demo.drawings import drawing_of
from streams.text.directions import balanced
from streams.web.html import Node, el, is_web

WIDTH, HEIGHT = 100, 140
DRAWINGS = "/drawings/"
"""Under this address the page serves the drawings of the demo's works."""
GROUNDS = 6
"""Colours that the style sheet has for them."""
_LINE, _LINES, _STEP = 12, 5, 15


def poster(address: str | None, title: str, size: str, *, lazy: bool = False) -> Node:
    """The picture over a drawn one, which shows until it is there and where it never comes; the demo's are our own drawings."""
    own = drawing_of(address)
    address = f"{DRAWINGS}{own}.svg" if own else address
    picture = (
        el(
            "img",
            src=address,
            alt="",
            loading="lazy" if lazy else None,
            referrerpolicy="no-referrer",
            decoding="async",
        )
        if own or is_web(address)
        else None
    )
    return el("span", drawn(title), picture, class_=f"poster {size}")


def _hills() -> list[Node]:
    """A moon over hills."""
    hill = f"M0 {HEIGHT - 26} Q25 {HEIGHT - 42} 50 {HEIGHT - 26} T100 {HEIGHT - 26} V{HEIGHT} H0Z"
    return [el("circle", cx=WIDTH, cy=2, r=46, class_="moon"), el("path", d=hill, class_="hill")]


def _sea() -> list[Node]:
    """A sun half in the sea."""
    waves = f"M0 {HEIGHT - 22} q12 -8 25 0 t25 0 t25 0 t25 0 V{HEIGHT} H0Z"
    return [el("circle", cx=30, cy=HEIGHT - 24, r=26, class_="moon"), el("path", d=waves, class_="hill")]


def _town() -> list[Node]:
    """Roofs under a falling star."""
    roofs = f"M0 {HEIGHT} V{HEIGHT - 20} h18 v-14 h16 v10 h14 v-20 h18 v16 h16 v-8 h18 V{HEIGHT}Z"
    star = el("path", d="M72 12 L94 30", stroke_width=2, class_="star")
    return [star, el("circle", cx=70, cy=11, r=4, class_="moon"), el("path", d=roofs, class_="hill")]


_SCENES = (_hills, _sea, _town)


def drawn(title: str) -> Node:
    """The title as a picture; readers of the screen have it beside the picture already."""
    lines = textwrap.wrap(" ".join(title.split()), _LINE, max_lines=_LINES, placeholder="…")
    top = (HEIGHT - _STEP * (len(lines) - 1)) / 2
    words = [
        el(
            "text",
            balanced(line),
            x=WIDTH / 2,
            y=f"{top + n * _STEP:.0f}",
            text_anchor="middle",
            class_="word",
        )
        for n, line in enumerate(lines)
    ]
    ground = zlib.crc32(title.encode("utf-8", "replace"))
    shapes = [
        el("rect", width=WIDTH, height=HEIGHT, class_="ground"),
        *_SCENES[ground // GROUNDS % len(_SCENES)](),
    ]
    return el(
        "svg",
        shapes,
        words,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="xMidYMid slice",
        class_=f"drawn g{ground % GROUNDS}",
        aria_hidden="true",
        focusable="false",
    )
