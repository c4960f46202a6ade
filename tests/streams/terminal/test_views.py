"""What is printed for people: complete, within the width, harmless, and without colour in a pipe."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from rich.console import Console

from streams.cli.commands.titles.tail import entry_line
from streams.client.client import Step
from streams.contract.events import EnrichedTitle
from streams.contract.record import EnrichedRecord
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.fleet_view import FleetLook, as_table, line
from streams.records.output import flat
from streams.terminal.printable import printable
from streams.terminal.progress import Progress
from streams.terminal.record_view import show
from tests.support.partials import episode, failed, merged, partial

HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold]K-On!\u202e\r\n!!"


def record(**values: Any) -> EnrichedRecord:
    return merged(
        partial(
            "jikan",
            title="Bebop",
            type="TV",
            duration_seconds=1440,
            episodes=[episode(1, "1998-10-24")],
            **values,
        ),
        partial(
            "anilist", title="Bebop", type="ONA", duration_seconds=1500, episodes=[episode(1, "1998-04-03")]
        ),
        failed("anidb", "blocked", reason="banned", next_step="leave AniDB alone until tomorrow"),
        asked=["jikan", "anilist", "anidb"],
    )


def shown(made: EnrichedRecord, width: int = 100, **options: Any) -> str:
    event = EnrichedTitle(
        request_id="r",
        anime_id=made.anime_id,
        title=made.title,
        status="partial",
        record=json.loads(made.model_dump_json()),
    )
    return printed(lambda console: show(flat(event), console, **options), width)


def printed(work: Any, width: int = 100) -> str:
    file = io.StringIO()
    work(Console(width=width, file=file, markup=False, highlight=False))
    return file.getvalue()


def test_the_short_view_says_who_said_what_and_who_did_not_agree() -> None:
    text = " ".join(shown(record()).split())
    assert "type TV jikan not ONA (anilist)" in text
    assert "length 24 min jikan not 25 min (anilist)" in text
    assert "≠ episodes.aired 1998-10-24 (jikan) over 1998-04-03 (anilist)" in text
    assert "✕ anidb refuses us banned next step: leave AniDB alone until tomorrow" in text
    assert "anime-enrich explain" in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    synopsis = {"text": "A very long story of a ship and its crew. " * 40, "source": "jikan"}
    made = record(synopsis=synopsis, genres=[f"Genre {n}" for n in range(40)], title_english="Bebop " * 60)
    assert max(len(row.rstrip()) for row in shown(made, width).splitlines()) <= width
    assert " …" in shown(made, width)


def test_a_hostile_title_neither_moves_the_cursor_nor_is_taken_for_markup() -> None:
    text = shown(record(title_english=HOSTILE))
    assert not {char for char in text if ord(char) < 32} - {"\n"}
    assert "[bold]K-On!" in text
    assert text.index("\u2068") < text.index("\u202e") < text.index("\u202c") < text.index("\u2069")


def test_what_is_printable_keeps_every_script_and_every_line() -> None:
    assert printable(["カウボーイビバップ", "Ünïcödé\nnext", {"a": "\x9b31m"}, 3]) == [
        "カウボーイビバップ",
        "Ünïcödé\nnext",
        {"a": "31m"},
        3,
    ]


def test_a_line_of_the_output_is_one_line() -> None:
    fields = {
        "request_id": "r",
        "anime_id": "",
        "title": HOSTILE,
        "status": "failed",
        "revision": "0",
        "data": "{}",
    }
    text = entry_line("1700000000000-0", fields).plain
    assert "\x1b" not in text
    assert len(text.splitlines()) == 1


def test_a_line_of_the_output_reads_its_record_before_it_makes_it_fit_for_a_terminal() -> None:
    record = {"title": "مسلسل", "completeness": {"missing": {"kitsu": "timeout"}}}
    fields = {"request_id": "r", "title": "مسلسل", "status": "partial", "revision": "1"}
    line = entry_line("1700000000000-0", {**fields, "data": json.dumps(record, ensure_ascii=False)}).plain
    assert "without kitsu (timeout)" in line


def test_in_a_pipe_every_step_is_a_line_and_no_colour() -> None:
    def work(console: Console) -> None:
        progress = Progress("Bebop", ["kitsu", "anidb"], console, live=False)
        for step in (
            Step("r", "identified", detail="accept"),
            Step("r", "asking", source="kitsu"),
            Step("r", "retry", source="anidb", detail="rate_limited", due=(time.time() + 30) * 1000),
            Step("r", "partial", source="kitsu", detail="blocked", reason="banned"),
            Step("r", "final", detail="partial"),
        ):
            progress.tell(step)

    words = [row.partition(" s  ")[2] for row in printed(work).splitlines()]
    assert words[0] == "identified: found"
    assert words[1] == "◐ kitsu: asking"
    assert words[2].startswith("↻ anidb: will be asked again (rate_limited, again in")
    assert words[3:] == ["✕ kitsu: refuses us (banned)", "final: partial"]


def test_the_lights_say_what_each_source_waits_for() -> None:
    console = Console(width=80, file=io.StringIO())
    progress = Progress("Bebop", ["kitsu", "anidb", "anisearch"], console, live=False)
    progress.light("kitsu", "limit", "next in 2.0 s")
    progress.light("anisearch", "asking")
    console.print(progress.table())
    text = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "Kitsu waits for its turn: next in 2.0 s" in text
    assert "aniSearch reading its pages" in text
    assert "AniDB waiting" in text


def fleet() -> FleetLook:
    return FleetLook(
        status=FleetStatus(
            at=0,
            groups=[
                GroupStatus(group="kitsu", lag=1200, pending=3, oldest_seconds=125),
                GroupStatus(group="aggregate", consumers=2),
            ],
            sources=[
                SourceStatus(
                    source="kitsu",
                    used={"1/2s": 1},
                    banned_until=time.time() + 3700,
                    ban_reason="banned",
                    forecast_seconds=7200,
                )
            ],
            open_requests=1203,
            dead_letters=2,
        ),
        hit_ratio={"kitsu": 0.875},
    )


def test_the_fleet_on_one_screen() -> None:
    text = " ".join(printed(lambda console: console.print(as_table(fleet()))).split())
    assert "1,203 open · 1,200 waiting · 3 in work" in text
    assert "2 dead" in text
    assert "kitsu 1,200 3 2 min 5 s 0 1/1 in 2 s 88% 2 h" in text
    assert "kitsu: left alone (banned) 1 h 1 min" in text


def test_the_fleet_on_one_line_names_only_who_has_work_or_trouble() -> None:
    told = line(fleet())
    assert "kitsu 1200+3" in told
    assert "kitsu: left alone (banned)" in told
    assert "aggregate" not in told
