"""Charts as SVG: bars, lines, stretches of time. Colours are the style sheet's; every drawing says in words what it shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from streams.operations.past.samples import Series
from streams.web.html import Child, Node, el

WIDTH, HEIGHT, LOW = 600, 120, 30
"""Units of a whole chart, and the height of a small one."""
COLOURS = 8
"""Lines that the style sheet tells apart by colour."""


def bars(series: Mapping[str, Series], tones: Mapping[str, str], words: str) -> Node:
    """Bars a minute, one upon another in the order given."""
    count = max([1, *(len(one) for one in series.values())])
    top = max([1.0, *(sum(value or 0 for value in minute) for minute in zip(*series.values(), strict=True))])
    step, shapes, floor = WIDTH / count, list[Node](), [0.0] * count
    for name, values in series.items():
        for n, value in enumerate(values):
            if value:
                high = HEIGHT * value / top
                floor[n] += high
                shapes.append(_rect(n * step, HEIGHT - floor[n], step * 0.8, high, tones.get(name, "")))
    return _svg(shapes, HEIGHT, words)


def lines(series: Mapping[str, Series], words: str, *, height: int = HEIGHT, top: float = 0.0) -> Node:
    """A line each over the same scale; where nothing is known it is broken."""
    highest = max(
        [top, *(value for one in series.values() for value in one if value is not None)], default=0.0
    )
    shapes = [
        el("path", d=path, class_=f"line c{n % COLOURS}")
        for n, one in enumerate(series.values())
        if (path := _path(one, highest or 1.0, height))
    ]
    return _svg(shapes, height, words)


def stretches(values: Series, tone: str, words: str) -> Node:
    """A bar of time, filled where something was so."""
    step = WIDTH / max(len(values), 1)
    filled = [_rect(n * step, 4, step + 0.5, LOW - 8, tone) for n, value in enumerate(values) if value]
    return _svg([_rect(0, 4, WIDTH, LOW - 8, "rest"), *filled], LOW, words)


def legend(names: Sequence[tuple[str, Child]]) -> Node:
    """Which colour is what, with a number each."""
    return el(
        "ul",
        [
            el(
                "li",
                el("span", class_=f"key c{n % COLOURS}", aria_hidden="true"),
                " ",
                name,
                " ",
                el("b", value),
            )
            for n, (name, value) in enumerate(names)
        ],
        class_="legend",
    )


def _path(values: Series, top: float, height: int) -> str:
    """Moves and lines; a lone value is a dot of a line."""
    step, parts, pen = WIDTH / max(len(values) - 1, 1), list[str](), False
    for n, value in enumerate(values):
        if value is None:
            pen = False
            continue
        x, y = n * step, height - 2 - (height - 4) * min(value / top, 1.0)
        parts.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}" + ("" if pen else "h1"))
        pen = True
    return " ".join(parts)


def _rect(x: float, y: float, width: float, height: float, tone: str) -> Node:
    return el(
        "rect",
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{width:.1f}",
        height=f"{height:.1f}",
        class_=f"fill {tone}".strip(),
    )


def _svg(shapes: Sequence[Node], height: int, words: str) -> Node:
    return el(
        "svg",
        el("title", words),
        shapes,
        viewBox=f"0 0 {WIDTH} {height}",
        preserveAspectRatio="none",
        role="img",
        aria_label=words,
        class_="chart" if height > LOW else "chart low",
    )
