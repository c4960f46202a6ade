"""Files as people's programs write them: marks, UTF-16, packed; each kind of file is read through the same door."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.cli.exit_codes import Stop
from streams.cli.requests_file import read_requests
from streams.config import offline_database_file
from streams.config.overrides_file import load as load_overrides
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.config.text_file import as_text, read_text
from streams.config.toml_file import PolicyError
from streams.config.values import SettingsError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENTRY = {"title": "Tokeijikake no Minato", "sources": ["https://myanimelist.net/anime/990002"]}
FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "marked": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "packed": lambda text: zstd.compress(text.encode()),
    "packed in two frames": lambda text: zstd.compress(text[:9].encode()) + zstd.compress(text[9:].encode()),
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def write(folder: Path, form: str, text: str) -> Path:
    path = folder / "file"
    path.write_bytes(FORMS[form](text))
    return path


def test_requests_are_read_in_every_form(tmp_path: Path, form: str) -> None:
    file = write(tmp_path, form, '{"title": "進撃の巨人", "year": 2013}\nK-On!\n')
    found = read_requests(read_text(file).split("\n"), "bulk")
    assert [(one.title, one.year) for one in found] == [("進撃の巨人", 2013), ("K-On!", None)]


def test_overrides_are_read_in_every_form(tmp_path: Path, form: str) -> None:
    overrides = load_overrides(write(tmp_path, form, '[[pin]]\ntitle = "Ōkami"\nids = { mal = 1 }\n'))
    assert [(pin.title, pin.ids) for pin in overrides.pins] == [("Ōkami", {"mal": "1"})]


def test_a_policy_is_read_in_every_form(tmp_path: Path, form: str) -> None:
    assert load_policy(write(tmp_path, form, 'languages = ["de"]\n')).languages == ("de",)


@pytest.mark.parametrize("lines", [False, True])
def test_the_data_set_is_read_in_every_form(tmp_path: Path, form: str, lines: bool) -> None:
    text = f"{json.dumps({'license': {}})}\n{json.dumps(ENTRY)}\n" if lines else json.dumps({"data": [ENTRY]})
    assert offline_database_file.read(write(tmp_path, form, text)).entry(0).ids == {"mal": "990002"}


def test_the_env_file_is_read_in_every_form(tmp_path: Path, form: str) -> None:
    file = write(tmp_path, form, "CONTACT=ich@example.org\nMAX_ATTEMPTS=7\n")
    settings = Settings.load({}, env_file=file)
    assert (settings.contact, settings.max_attempts) == ("ich@example.org", 7)


def test_a_packed_file_that_would_fill_the_memory_is_given_up() -> None:
    bomb = zstd.compress(b"\0" * 50_000_000)
    assert len(bomb) < 10_000
    with pytest.raises(ValueError, match="unpacks to more than 1000000 bytes"):
        as_text(bomb, 1_000_000)


@pytest.mark.parametrize("cut", [5, -1])
def test_a_packed_file_that_breaks_off_says_so(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "set.json.zst"
    file.write_bytes(zstd.compress(json.dumps({"data": [ENTRY] * 999}).encode())[:cut])
    with pytest.raises(ValueError, match=r"set\.json\.zst: .*(breaks off|no sound)"):
        offline_database_file.read(file)


def test_what_is_no_text_is_refused_by_every_reader(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"languages = [\xff\xfe\xfa]")
    with pytest.raises(PolicyError, match="no UTF-8 text"):
        load_policy(file)
    with pytest.raises(SettingsError):
        Settings.load({}, env_file=file)


@pytest.mark.parametrize("line", ["[" * 100_000, '{"title": ' * 100_000, "{"])
def test_a_line_that_is_no_sound_json_is_named_and_no_traceback(line: str) -> None:
    with pytest.raises(Stop, match="line 2: no sound JSON"):
        read_requests(["Shelter", line], "bulk")
