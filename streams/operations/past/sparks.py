"""The last hour as lines of small bars for a terminal: outputs, what is unread, and each source. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from streams.operations.past.samples import Past, Series, SourcePast

BARS, PLAIN = "▁▂▃▄▅▆▇█", "_.-=+*%#"
"""From nothing to the most; the second for terminals that cannot show the first."""
NAME, WORDS, LEAST = 14, 20, 12
"""Columns for the name before the bars and for the words behind them; and so many for the bars at least."""


def hour(past: Past, width: int, *, plain: bool = False) -> list[Text]:
    """A line each in at most ``width`` columns, those of the fleet first; nothing before anything was counted."""
    outputs, unread = _summed([*past.outputs.values()]), _summed([*past.lag.values()])
    asked = {name: one for name, one in past.sources.items() if _last(one.p50) is not None or any(one.banned)}
    if not any(outputs) and not any(unread) and not asked:
        return []
    room, bars = max(LEAST, width - NAME - WORDS), PLAIN if plain else BARS
    columns = max(
        len(spark(values, room)) for values in (outputs, unread, *(one.p50 for one in asked.values()))
    )
    total = sum(value or 0 for value in outputs)
    rows = [
        ("outputs", outputs, f"{total:,.0f} in all"),
        ("unread", unread, f"{_last(unread) or 0:,.0f} now"),
    ]
    rows += [(name, one.p50, _words(one)) for name, one in asked.items()]
    drawn = [
        Text.assemble((f"{name:{NAME}}", "bold"), f"{spark(values, room, bars):{columns}} ", (words, "dim"))
        for name, values, words in rows
    ]
    return [Text("the last hour, oldest first; of a source, half of its answers within", "dim"), *drawn]


def spark(values: Series, room: int, bars: str = BARS) -> str:
    """One bar a step, or the highest of some steps where there is too little ``room``; blank where nothing is known."""
    size = -(-len(values) // room) if values else 1
    steps = [_highest(values[at : at + size]) for at in range(0, len(values), size)]
    most = max([value for value in steps if value is not None], default=0.0)
    return "".join(" " if value is None else bars[_height(value, most, len(bars) - 1)] for value in steps)


def _height(value: float, most: float, levels: int) -> int:
    """Which bar; what is more than nothing is seen as more than nothing."""
    return max(1, round(levels * value / most)) if value > 0 else 0


def _highest(values: Series) -> float | None:
    return max([value for value in values if value is not None], default=None)


def _summed(series: Sequence[Series]) -> Series:
    """All of them together, step by step."""
    return [
        sum(value or 0.0 for value in step) if any(value is not None for value in step) else None
        for step in zip(*series, strict=True)
    ]


def _words(one: SourcePast) -> str:
    shut = sum(bool(value) for value in one.banned)
    soon, cached = _last(one.p50), _last(one.cached)
    words = [f"shut out {shut} min"] if shut else []
    words += [f"{soon * 1000:.0f} ms" if soon < 10 else f"{soon:.0f} s"] if soon is not None else []
    return ", ".join([*words, *([f"{cached:.0%} cached"] if cached is not None and not shut else [])])


def _last(values: Series) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)
