"""One record: what is known, who said it, what it beat, who contradicts whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sources import discover
from streams.contract.record import EnrichedRecord
from streams.records.explain import Explanation, Past, Row, SourceRow, explain
from streams.terminal.explain_table import brief
from streams.terminal.outcomes import look
from streams.terminal.words import of_field
from streams.web.acting import button
from streams.web.html import Child, Node, chip, document, el, fold, foreign, link, plain, table
from streams.web.works.contents import contents
from streams.web.works.records import picture


def record_page(
    record: EnrichedRecord,
    history: Sequence[Past] = (),
    known: Mapping[str, str] | None = None,
    *,
    may_act: bool = False,
) -> bytes:
    """The page of a record; ``history`` are its last changes, the newest first, ``known`` ids of works that have records."""
    explanation = explain(record, history=history)
    return document(
        record.title or record.anime_id,
        "/records",
        el("div", picture(record, "large"), el("div", _facts(record)), class_="head"),
        _acts(record) if may_act else None,
        contents(record, known or {}),
        _conflicts(explanation),
        _fields(explanation),
        _sources(explanation.sources),
        _history(explanation.history),
    )


def _acts(record: EnrichedRecord) -> Node:
    named = [(name, discover()[name].label) for name in record.sources if name in discover()]
    sources = el("select", [el("option", label, value=name) for name, label in named], name="source")
    ask = button("/act/ask", "Ask it again", el("label", "Source ", sources), id=record.anime_id)
    refresh = button("/act/refresh", "Ask all again", id=record.anime_id)
    return el("details", el("summary", "ask again"), refresh, ask if named else None)


def _history(history: Sequence[Past]) -> Node | None:
    rows = [
        (
            one.path,
            f"{one.revision}, {one.at[:16].replace('T', ' ')}",
            foreign(one.before or "-"),
            foreign(one.after or "-"),
            one.why,
        )
        for one in history
    ]
    heads = ("field", "revision", "before", "after", "why")
    told = f"{len(rows)} change{'s' if len(rows) > 1 else ''}, the newest first"
    return fold("What changed", told, plain(table("What changed", heads, rows))) if rows else None


def _facts(record: EnrichedRecord) -> list[Child]:
    others = [
        title for title in (record.title_english, record.title_native) if title and title != record.title
    ]
    season = " ".join(str(word) for word in (record.season, record.year) if word)
    words = [record.type, record.status, season]
    words += [f"{record.episode_count} episodes"] if record.episode_count else []
    words += [f"{record.score.value:.2f} of 10"] if record.score else []
    missing = record.completeness.missing
    return [
        el(
            "p", [[" / " if index else "", foreign(one)] for index, one in enumerate(others)], class_="others"
        ),
        el("p", " · ".join(str(word) for word in words if word)),
        el("p", [chip(genre) for genre in record.genres[:12]]),
        el("p", foreign(record.synopsis.text)) if record.synopsis else None,
        el(
            "p",
            [
                [" · " if i else "", link(url, foreign(site))]
                for i, (site, url) in enumerate(record.urls.items())
            ],
        ),
        el("p", chip("partial", "warn"), " without ", ", ".join(f"{k} ({v})" for k, v in missing.items()))
        if missing
        else None,
        el(
            "p",
            f"{record.anime_id}, revision {record.revision}, made {record.generated_at or '-'} ",
            el("button", "copy id", type="button", data_copy=record.anime_id, hidden=True),
            " ",
            el("a", "JSON", href=f"/record.json?id={quote(record.anime_id, safe=':')}"),
            class_="id",
        ),
    ]


def _conflicts(told: Explanation) -> Node | None:
    if not told.conflicts:
        return None
    rows = [
        (conflict.field, foreign(brief(conflict.chosen)), conflict.rule, _said(conflict.values))
        for conflict in told.conflicts
    ]
    heads = ("field", "chosen", "rule", "who said what")
    return fold("Contradictions", f"{len(rows)} fields", plain(table("Contradictions", heads, rows)))


def _said(values: Mapping[str, Any]) -> Node:
    return el(
        "ul", [el("li", el("b", f"{source}: "), foreign(brief(value))) for source, value in values.items()]
    )


def _fields(told: Explanation) -> Node:
    whole = [row for row in told.rows if "." not in row.path]
    parts = [row for row in told.rows if "." in row.path]
    shown = [plain(_table_of("Who said what", whole))]
    if parts:
        details = el("details", el("summary", f"{len(parts)} single parts"), _table_of("Single parts", parts))
        shown.append(details)
    return fold("Who said what", f"{len(whole)} fields", shown)


def _table_of(caption: str, rows: Sequence[Row]) -> Node:
    cells = [
        (row.path, foreign(of_field(row.path, row.value)), _origin(row), row.rule, _beaten(row))
        for row in rows
    ]
    return table(caption, ("field", "value", "from", "rule", "beaten"), cells)


def _origin(row: Row) -> list[Child]:
    others = [source for source in row.sources if source != row.source]
    chips = [chip(word, "warn") for word in ("stale" if row.stale else "", row.doubt) if word]
    if not others:
        return [row.source, " ", *chips]
    return [el("details", el("summary", f"{row.source} + {len(others)}"), ", ".join(others)), *chips]


def _beaten(row: Row) -> Node | str:
    if not row.beaten:
        return "-"
    beaten = {one.source: one.value for one in row.beaten}
    return el(
        "details",
        el("summary", f"{len(row.beaten)} other{'s' if len(row.beaten) > 1 else ''}"),
        _said(beaten),
    )


def _sources(sources: Sequence[SourceRow]) -> Node:
    rows = [
        (
            link(
                source.report.url,
                discover()[source.source].label if source.source in discover() else source.source,
            ),
            chip(source.report.outcome, look(source.report.outcome).tone),
            foreign(", ".join(source.match.evidence)) if source.match else "-",
            source.report.fetched_at or "-",
            _how(source),
            foreign(
                " ".join(word for word in (source.report.message, source.report.next_step) if word)
                or source.report.reason
                or "-"
            ),
        )
        for source in sources
    ]
    heads = ("site", "outcome", "why this entry", "fetched", "how", "what to do")
    words: list[Child] = [[" ", chip(one.source, look(one.report.outcome).tone)] for one in sources]
    return fold("Sites", words, plain(table("Sites", heads, rows)))


def _how(one: SourceRow) -> str:
    took = f"{one.report.duration_ms} ms" if one.report.duration_ms is not None else ""
    where = "cache" if one.report.from_cache else one.report.fetched_via or ""
    return ", ".join(word for word in (where, "stale" if one.report.stale else "", took) if word) or "-"
