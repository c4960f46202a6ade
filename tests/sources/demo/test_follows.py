"""What a played reply has its shape from: recordings and documents that are there, clients, or a guess that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.check import check
from sources.demo.replies import Replies, demo_folder
from sources.discovery import discover
from tests.support.source_recordings import ROOT

TELLING = [name for name, cls in discover().items() if any(Replies(demo_folder(cls)).follows.values())]


def origins(name: str) -> dict[str, str | None]:
    return Replies(demo_folder(discover()[name])).follows


@pytest.mark.parametrize("name", TELLING)
def test_every_played_reply_says_what_it_follows(name: str) -> None:
    assert [file for file, origin in origins(name).items() if origin is None] == []


@pytest.mark.skipif(not ROOT.is_dir(), reason="the recordings are not on this machine")
def test_what_is_no_guess_is_a_recording_or_a_document() -> None:
    told = [origin for name in TELLING for origin in origins(name).values() if origin]
    files = (origin.split(" and ") for origin in told if not origin.startswith(("guess: ", "clients: ")))
    named = {file for listed in files for file in listed}
    assert [
        file for file in sorted(named) if not any((top / file).exists() for top in (ROOT, ROOT.parent))
    ] == []


def test_the_first_pattern_that_fits_counts_and_a_file_without_one_is_seen(tmp_path: Path) -> None:
    (tmp_path / "replies.json").write_text('{"follows": {"a-*": "x/y.json", "a*": "guess: z"}}')
    for name in ("a-1.json", "ab.json", "c.json"):
        (tmp_path / name).touch()
    assert Replies(tmp_path).follows == {"a-1.json": "x/y.json", "ab.json": "guess: z", "c.json": None}


async def test_a_canary_that_nothing_real_shows_is_listed_as_a_guess() -> None:
    findings = await check(discover()["anisearch"])
    told = next(one for one in findings if one.rule.startswith("says which real reply"))
    assert "canary: guess" in told.detail
