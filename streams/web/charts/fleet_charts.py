"""The last hour, day or month of the fleet, drawn: outputs, what is unread, and each source beside its limit. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sources import discover
from streams.operations.fleet_status import FleetStatus, SourceStatus
from streams.operations.past.samples import HOUR, SPANS, Past, Series, SourcePast, Span
from streams.terminal.outcomes import look
from streams.terminal.words import span
from streams.web.charts.draw import LOW, bars, legend, lines, stretches
from streams.web.html import Child, Node, chip, document, el, foreign

AGAIN_SECONDS = 60
"""After which a page of a longer span looks again."""
_ORDER = ("complete", "partial", "ambiguous", "not_found", "failed")


def charts(status: FleetStatus, past: Past, span: Span = HOUR) -> Node:
    """The section, with the ways to the other spans."""
    sources = [_source(one, past.sources.get(one.source, SourcePast()), span) for one in status.sources]
    return el(
        "section",
        el("h2", span.title) if span is HOUR else None,
        _others(span),
        el("div", _outputs(past.outputs, span), _lag(past.lag, span), class_="charts"),
        el("div", sources, class_="sites"),
        id="charts",
    )


def past_page(status: FleetStatus, past: Past, span: Span) -> bytes:
    """A longer span on a page of its own, which looks again once in a while."""
    return document(span.title, "/", charts(status, past, span), refresh=AGAIN_SECONDS)


def _others(span: Span) -> Node:
    """Links to the spans; that of the last hour stands on the fleet's page."""
    links = [
        el(
            "a",
            one.title,
            href="/" if one is HOUR else f"/past?span={one.name}",
            aria_current="true" if one is span else None,
        )
        for one in SPANS.values()
    ]
    return el("nav", links, aria_label="Spans of time", class_="spans")


def _outputs(series: Mapping[str, Series], span: Span) -> Node:
    ordered = {name: series[name] for name in _ORDER if name in series}
    sums = {name: int(sum(value or 0 for value in one)) for name, one in ordered.items()}
    tones = {name: look(name).tone or "plain" for name in ordered}
    told = ", ".join(f"{count} {name}" for name, count in sums.items()) or "none"
    keys = [chip(f"{count:,} {name}", tones[name]) for name, count in sums.items()]
    words = f"outputs {span.step} in {span.title[0].lower()}{span.title[1:]}: {told}"
    return _figure(f"Outputs {span.step}", bars(ordered, tones, words), keys, span)


def _lag(series: Mapping[str, Series], span: Span) -> Node:
    last = {name: _last(one) or 0.0 for name, one in series.items()}
    told = ", ".join(f"{name} {count:,.0f}" for name, count in last.items()) or "nothing"
    named: list[tuple[str, Child]] = [(name, f"{count:,.0f}") for name, count in last.items()]
    keys = legend(named) if named else el("p", "nothing was left unread", class_="empty")
    return _figure("Unread by group", lines(series, f"unread by group now: {told}"), keys, span)


def _figure(name: str, drawing: Node, keys: Child, span: Span) -> Node:
    times = el("p", el("span", span.ago), el("span", "now"), class_="axis", aria_hidden="true")
    return el("figure", el("figcaption", name), drawing, times, el("div", keys))


def _source(one: SourceStatus, past: SourcePast, span: Span) -> Node:
    label = discover()[one.source].label if one.source in discover() else one.source
    limit = _limit(one) if span is HOUR else None
    return el("figure", el("figcaption", label), _latency(past), _cached(past), limit, _bans(one, past, span))


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


def _bans(one: SourceStatus, past: SourcePast, span: Span) -> Node:
    shut = sum(bool(value) for value in past.banned)
    changed = sum(bool(value) for value in past.drifting)
    of = f"of the last {span.count} {span.steps}"
    words = (
        f"shut out in {shut} {of}"
        if shut and span is not HOUR
        else f"shut out {shut} min"
        if shut
        else "open"
    )
    words += f"; changed? in {changed}" if changed else ""
    drawing = stretches(past.banned, "bad", f"shut out in {shut} {of}")
    drift = stretches(past.drifting, "warn", f"seemed changed in {changed} {of}") if changed else None
    why = el("small", " ", foreign(one.drift)) if one.drift else None
    return _row("bans", el("span", drawing, drift), [words, why], wide=span is not HOUR and bool(shut))


def _row(name: str, drawing: Node, words: Child, *, wide: bool = False) -> Node:
    return el("div", el("span", name), drawing, el("small", words), class_="row wide" if wide else "row")


def _last(values: Series) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def soon(seconds: float | None) -> str:
    """A short time, to the millisecond."""
    if seconds is None:
        return "-"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else span(seconds)
