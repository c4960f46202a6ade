"""A word that no table knows, or a repair of a reply, is kept, told with the record, shown to a person and counted."""

from __future__ import annotations

import io

from rich.console import Console

from sources.record import Unmapped
from streams.operations.metrics import Metrics
from streams.records.explain import explain
from streams.records.output import as_report
from streams.terminal.explain_table import render
from tests.support.partials import merged, partial

HOLOGRAM = Unmapped(field="type", raw="Hologram")
SEEN = partial("jikan", title="Bebop", unmapped=[HOLOGRAM, HOLOGRAM], repaired=["encoding", "encoding"])


def test_the_record_names_it_once_at_its_source() -> None:
    record = merged(SEEN, partial("anilist", title="Bebop"))
    assert {name: report.unmapped for name, report in record.sources.items()} == {
        "jikan": [HOLOGRAM],
        "anilist": [],
    }
    assert as_report(SEEN).unmapped == [HOLOGRAM]
    assert record.sources["jikan"].repaired == as_report(SEEN).repaired == ["encoding"]


def test_explain_shows_it() -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(render(explain(merged(SEEN))))
    told = console.export_text()
    assert "unknown type 'Hologram'" in told
    assert "mended encoding" in told


def test_the_metrics_count_it_by_source_and_field() -> None:
    metrics = Metrics()
    metrics.take_record(merged(SEEN).model_dump())
    assert (
        'anime_enrich_repaired_replies_total{repair="encoding",source="jikan"} 1.0'
        in metrics.render().decode()
    )
    assert 'anime_enrich_unmapped_values_total{field="type",source="jikan"} 1.0' in metrics.render().decode()
