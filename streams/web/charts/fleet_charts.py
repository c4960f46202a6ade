"""The last hour of the fleet, drawn: outputs, what is unread, and each source beside its limit. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sources import discover
from streams.operations.fleet_status import FleetStatus, SourceStatus
from streams.operations.past.samples import Past, Series, SourcePast
from streams.terminal.outcomes import look
from streams.terminal.words import span
from streams.web.charts.draw import LOW, bars, legend, lines, stretches
from streams.web.html import Child, Node, chip, el, foreign

_ORDER = ("complete", "partial", "ambiguous", "not_found", "failed")


def charts(status: FleetStatus, past: Past) -> Node:
    """The section."""
    return el(
        "section",
        el("h2", "The last hour"),
        el("div", _outputs(past.outputs), _lag(past.lag), class_="charts"),
        el(
            "div",
            [_source(one, past.sources.get(one.source, SourcePast())) for one in status.sources],
            class_="sites",
        ),
        id="charts",
    )


def _outputs(series: Mapping[str, Series]) -> Node:
    ordered = {name: series[name] for name in _ORDER if name in series}
    sums = {name: int(sum(value or 0 for value in one)) for name, one in ordered.items()}
    tones = {name: look(name).tone or "plain" for name in ordered}
    told = ", ".join(f"{count} {name}" for name, count in sums.items()) or "none"
    keys = [chip(f"{count:,} {name}", tones[name]) for name, count in sums.items()]
    return _figure(
        "Outputs a minute", bars(ordered, tones, f"outputs a minute in the last hour: {told}"), keys
    )


def _lag(series: Mapping[str, Series]) -> Node:
    last = {name: _last(one) or 0.0 for name, one in series.items()}
    told = ", ".join(f"{name} {count:,.0f}" for name, count in last.items()) or "nothing"
    named: list[tuple[str, Child]] = [(name, f"{count:,.0f}") for name, count in last.items()]
    keys = legend(named) if named else el("p", "nothing was left unread", class_="empty")
    return _figure("Unread by group", lines(series, f"unread by group now: {told}"), keys)


def _figure(name: str, drawing: Node, keys: Child) -> Node:
    times = el("p", el("span", "60 min ago"), el("span", "now"), class_="axis", aria_hidden="true")
    return el("figure", el("figcaption", name), drawing, times, el("div", keys))


def _source(one: SourceStatus, past: SourcePast) -> Node:
    label = discover()[one.source].label if one.source in discover() else one.source
    return el("figure", el("figcaption", label), _latency(past), _cached(past), _limit(one), _bans(one, past))


def _latency(past: SourcePast) -> Node:
    p50, p95 = _last(past.p50), _last(past.p95)
    told = "not asked" if p50 is None else f"half within {soon(p50)}, 95 % within {soon(p95)}"
    drawing = lines({"half": past.p50, "most": past.p95}, f"how long it takes: {told}", height=LOW)
    return _row("latency", drawing, "not asked" if p50 is None else f"{soon(p50)}, 95 % {soon(p95)}")


def _cached(past: SourcePast) -> Node:
    share = _last(past.cached)
    words = "-" if share is None else f"{share:.0%}"
    drawing = lines({"cached": past.cached}, f"share from the cache: {words}", height=LOW, top=1.0)
    return _row("from the cache", drawing, words)


def _limit(one: SourceStatus) -> Node:
    shown = [
        el(
            "meter",
            f"{used} of {window}",
            value=str(used),
            min="0",
            max=window.partition("/")[0],
            aria_label=f"{used} of {window}",
        )
        for window, used in one.used.items()
    ]
    words = ", ".join(f"{used} of {window}" for window, used in one.used.items())
    return _row("limit", el("span", shown, class_="meters"), words or "none", wide=len(one.used) > 1)


def _bans(one: SourceStatus, past: SourcePast) -> Node:
    minutes = sum(bool(value) for value in past.banned)
    changed = sum(bool(value) for value in past.drifting)
    words = f"shut out {minutes} min" if minutes else "open"
    words += f"; changed? {changed} min" if changed else ""
    drawing = stretches(past.banned, "bad", f"shut out in {minutes} of the last 60 minutes")
    drift = stretches(past.drifting, "warn", f"seemed changed in {changed} minutes") if changed else None
    why = el("small", " ", foreign(one.drift)) if one.drift else None
    return _row("bans", el("span", drawing, drift), [words, why])


def _row(name: str, drawing: Node, words: Child, *, wide: bool = False) -> Node:
    return el("div", el("span", name), drawing, el("small", words), class_="row wide" if wide else "row")


def _last(values: Series) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def soon(seconds: float | None) -> str:
    """A short time, to the millisecond."""
    if seconds is None:
        return "-"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else span(seconds)
