"""Logs: a library says nothing, a program hears what it wants to hear, a command writes lines."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from streams.telemetry.logs import Event, logger
from tests.support.command_line import ROOT

USE = 'from streams import enrich_sync; print(enrich_sync("Cowboy Bebop", play=True).status)'


def run(code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program of its own in ``folder``, which has us on its path."""
    own = {"DATA_DIR": str(folder), "CRAWL_ENGINE": "http", "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=90,
        env=own | variables,
        cwd=folder,
        check=True,
    )


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_a_program_that_uses_us_hears_nothing(tmp_path: Path, level: str) -> None:
    done = run(USE, tmp_path, LOG_LEVEL=level)
    assert (done.stdout, done.stderr) == ("complete\n", "")


def test_even_trouble_is_told_to_nobody_who_did_not_ask(tmp_path: Path) -> None:
    code = 'from streams.telemetry.logs import logger; logger("x").error("broke", source="kitsu")'
    done = run(code, tmp_path)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_process_is_left_as_it_was_found(tmp_path: Path) -> None:
    code = f"""
import logging, signal, sys
def found():
    root = logging.getLogger()
    stops = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    return [list(root.handlers), root.level, logging.getLogger("asyncio").level, stops, sys.excepthook, logging.lastResort]
before = found()
{USE}
assert found() == before, (before, found())
"""
    assert run(code, tmp_path).stdout == "complete\n"


def test_a_program_that_configures_logging_hears_who_did_what(tmp_path: Path) -> None:
    done = run(f"import logging; logging.basicConfig(level=logging.INFO); {USE}", tmp_path, LOG_LEVEL="ERROR")
    assert done.stdout == "complete\n"
    assert "INFO:streams.stages:accepted request_id=lib-" in done.stderr
    assert "INFO:streams.app:started groups=" in done.stderr


CONFIGURED = """
import logging
from streams.telemetry.logs import configure, logger
configure({level!r}, {style!r})
log = logger("stages")
log.info("accepted", request_id="r", url="redis://:secret@host")
log.warning("trouble", source="kitsu")
logging.getLogger("cache.store").warning("cache: %s is away", "redis://:secret@host")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("broke", event="e")
"""


def test_a_command_writes_json_with_the_fields_and_without_secrets(tmp_path: Path) -> None:
    done = run(CONFIGURED.format(level="INFO", style="json"), tmp_path)
    accepted, trouble, cache, broke = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.stdout == ""
    assert (accepted["event"], accepted["level"], accepted["request_id"]) == ("accepted", "info", "r")
    assert (accepted["url"], cache["event"]) == ("redis://:***@host", "cache: redis://:***@host is away")
    assert trouble["source"] == "kitsu"
    assert trouble["timestamp"].endswith("Z")
    assert broke["event"] == "broke"
    assert "ZeroDivisionError" in broke["exception"]


def test_a_command_writes_no_less_than_it_is_asked_for(tmp_path: Path) -> None:
    done = run(CONFIGURED.format(level="ERROR", style="text"), tmp_path)
    assert "broke" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert "accepted" not in done.stderr
    assert "trouble" not in done.stderr


def test_an_event_knows_the_line_it_was_written_in(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "streams"):
        logger("x").info("seen", title="Bebop")
    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("streams.x", "seen title=Bebop")
    assert record.filename == Path(__file__).name


def test_what_nobody_hears_is_not_put_into_words() -> None:
    class Costly:
        def __str__(self) -> str:
            raise AssertionError("nobody hears this")

    logger("x").debug("seen", what=Costly())


def test_a_credential_never_becomes_text() -> None:
    assert str(Event("asked", {"url": "https://x/?token=abc", "header": "Bearer abc"})) == (
        "asked url=https://x/?token=*** header=Bearer ***"
    )


def test_what_writes_the_lines_is_loaded_with_the_first_one() -> None:
    code = (
        "import sys; from streams.telemetry import logs; logs.configure('WARNING', 'json'); log = logs.logger('x');"
        "log.info('quiet'); print('structlog' in sys.modules); log.warning('loud'); print('structlog' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert json.loads(done.stderr)["event"] == "loud"
