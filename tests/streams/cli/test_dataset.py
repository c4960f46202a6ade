"""The weekly data set is fetched when there is a newer one, and replaces what is there only when it was read."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli.main import app

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def data_set(count: int) -> bytes:
    rows = [
        {"title": f"Work {n}", "sources": [f"https://myanimelist.net/anime/{n + 1}"]} for n in range(count)
    ]
    return zstd.compress(json.dumps({"data": rows}).encode())


class Release(ThreadingHTTPServer):
    """A server that gives ``body`` under ``tag``, and 304 to who knows the tag."""

    status, body, tag, sent = 200, data_set(10), '"one"', 0
    cut = False


class Handler(BaseHTTPRequestHandler):
    server: Release

    def do_GET(self) -> None:
        known = self.headers.get("If-None-Match") == self.server.tag
        self.send_response(304 if known else self.server.status)
        self.send_header("ETag", self.server.tag)
        self.send_header("Content-Length", "0" if known else str(len(self.server.body)))
        self.end_headers()
        if not known:
            self.server.sent += 1
            self.wfile.write(self.server.body[: len(self.server.body) // 2 if self.server.cut else None])

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def release() -> Iterator[Release]:
    server = Release(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def fetch(release: Release, folder: Path, *words: str) -> Result:
    address = f"http://127.0.0.1:{release.server_address[1]}/set.json.zst"
    env = {"DATA_DIR": str(folder), "no_proxy": "127.0.0.1"}
    return CliRunner().invoke(app, ["dataset", "--from", address, *words], env=env)


def test_it_is_fetched_once_and_then_only_when_it_has_changed(release: Release, tmp_path: Path) -> None:
    first, second = fetch(release, tmp_path), fetch(release, tmp_path)
    assert "10 works" in first.stdout
    assert "OFFLINE_DATABASE_FILE=" in first.stdout
    assert "is the newest there is" in second.stdout
    assert release.sent == 1
    release.body, release.tag = data_set(12), '"two"'
    assert "12 works" in fetch(release, tmp_path).stdout


def test_a_file_that_was_changed_meanwhile_is_fetched_anew(release: Release, tmp_path: Path) -> None:
    fetch(release, tmp_path)
    (tmp_path / "anime-offline-database.json.zst").write_bytes(b"{}")
    assert "10 works" in fetch(release, tmp_path).stdout


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "no data set"),
        (b"", "no data set"),
        (data_set(0), "0 works"),
        (data_set(5), "5 works, after more than 5"),
    ],
)
def test_what_is_none_does_not_take_the_place_of_what_is_there(
    release: Release, tmp_path: Path, body: bytes, told: str
) -> None:
    fetch(release, tmp_path)
    release.body, release.tag = body, '"worse"'
    got = fetch(release, tmp_path)
    assert got.exit_code == 1
    assert told in str(got.exception)
    assert (tmp_path / "anime-offline-database.json.zst").read_bytes() == data_set(10)
    assert sorted(one.name for one in tmp_path.glob("*zst*")) == [
        "anime-offline-database.json.zst",
        "anime-offline-database.json.zst.marks.json",
    ]


def test_less_than_there_was_is_taken_when_it_is_wanted(release: Release, tmp_path: Path) -> None:
    fetch(release, tmp_path)
    release.body, release.tag = data_set(3), '"less"'
    assert "3 works" in fetch(release, tmp_path, "--force").stdout


def test_a_server_in_trouble_or_half_an_answer_is_a_sentence(release: Release, tmp_path: Path) -> None:
    release.status = 503
    assert "HTTP 503" in str(fetch(release, tmp_path).exception)
    release.status, release.cut = 200, True
    got = fetch(release, tmp_path)
    assert "cannot be reached" in str(got.exception)
    assert not list(tmp_path.glob("*zst*"))
