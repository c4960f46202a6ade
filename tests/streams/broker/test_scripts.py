"""The scripts say what they take, and they and their owners name every field of a hash by one table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.broker.fields import RecordField, RequestField
from streams.broker.scripts import Script, script

ROOT = Path(__file__).parents[3]
LUA = ROOT / "streams" / "broker" / "lua"
SCRIPTS = sorted(path.stem for path in LUA.glob("*.lua"))
HASHES = {"state": {*RequestField}, "record": {*RecordField}}
COMMANDS = {"HGET": 1, "HEXISTS": 1, "HINCRBY": 1, "HSETNX": 1, "HSET": 2, "HDEL": None, "HMGET": None}
"""Commands on a hash, and at which distance field names follow one another; ``None``: all are names."""
OWNED = r"(states?|record|record_prefix|records|aliases|deadlines|closed|delayed|delayed_bodies|refresh|failed|dead)"
WRITTEN_BY_OWNERS = re.compile(rf"\bnames\.{OWNED}\b|\bscripts\.run\(|[^\w]script\(")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_header_of_a_script_counts_what_it_takes(name: str) -> None:
    what = script(name)
    told = re.findall(r"^-- (KEYS|ARGV) (.*?)(?=^-- [A-Z]|^local)", what.source, re.MULTILINE | re.DOTALL)
    counts = {of: [int(one) for one in re.findall(r"(?<![\w'])(\d+)(?:\.\.)? ", text)] for of, text in told}
    rest = re.search(r"unpack\(ARGV, (?!1, )|ARGV\[i\]", what.source) is not None
    assert counts["KEYS"] == list(range(1, len(what.keys) + 1))
    assert counts["ARGV"][: len(what.args)] == list(range(1, len(what.args) + 1))
    assert rest == (len(counts["ARGV"]) > len(what.args) or "then those" in what.source)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_reads_a_key_or_an_argument_by_its_number(name: str) -> None:
    assert not re.findall(r"(?:KEYS|ARGV)\[\d", script(name).source)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_touches_only_fields_of_the_table(name: str) -> None:
    unknown = [(hash_, field) for hash_, field in touched(script(name)) if field not in HASHES[hash_]]
    assert unknown == []


def test_every_field_of_the_table_is_touched_by_some_script() -> None:
    used = {pair for name in SCRIPTS for pair in touched(script(name))}
    facts = ("title", "missing", "ids", "t:", "history", "made", "looks", "named", "merged")
    sent = {*RecordField} & {*facts}
    left = {field for hash_, fields in HASHES.items() for field in fields if (hash_, str(field)) not in used}
    assert left <= sent | {RequestField.ACCEPTED_AT}


def test_a_script_refuses_an_argument_that_it_does_not_name() -> None:
    with pytest.raises(TypeError, match="consumer"):
        script("leave").words({"stream": "s", "group": "g"})
    with pytest.raises(TypeError, match="other"):
        script("leave").words({"stream": "s", "group": "g", "consumer": "c", "other": 1})


def test_nobody_but_the_owners_builds_keys_or_runs_scripts() -> None:
    files = [path for top in ("streams", "sources") for path in (ROOT / top).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files
        if LUA.parent not in path.parents
        for match in WRITTEN_BY_OWNERS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_nobody_but_the_owners_reads_a_hash_of_a_request_or_a_record() -> None:
    others = {
        f"streams/{one}.py"
        for one in (
            "records/drift_store",
            "records/unknown_works",
            "operations/metrics_collector",
            "operations/fleet_view",
        )
    }
    """Hashes of their own: tallies of a site's changes and of works that it does not know, counters of the cache."""
    reading = re.compile(r"\.(?:hget|hgetall|hmget|hset|hkeys|hexists|hdel)\(|\"H(?:GET|GETALL|MGET|SET)\"")
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "streams").rglob("*.py")
        if LUA.parent not in path.parents and reading.search(path.read_text(encoding="utf-8"))
    }
    assert found <= others


def touched(what: Script) -> Iterator[tuple[str, str]]:
    """Hash and field name of every access in a script, and the families that its loops look for."""
    body = re.sub(r"--.*", "", what.source)
    for call in re.finditer(r"redis\.p?call\('(H\w+)', (state|record|prefix \.\. anime), ", body):
        if call[1] not in COMMANDS:
            continue
        step, words = COMMANDS[call[1]], list(arguments(body[call.end() :]))
        names = words[:1] if step == 1 else words[:: step or 1]
        for word in names:
            if word.startswith("'"):
                yield "state" if call[2] == "state" else "record", word.split("'")[1]
    for hash_, field in re.findall(r"\b(held|lies|to_state|to_record)\.(\w+)", body):
        yield "state" if hash_ in {"held", "to_state"} else "record", field
    for prefix in re.findall(r"string\.sub\(field, 1, \d+\) == '(\w+:)'", body):
        yield "state", prefix


def arguments(text: str) -> Iterator[str]:
    """The arguments of a call up to its closing bracket."""
    depth, begin = 0, 0
    for at, sign in enumerate(text):
        if sign == ")" and depth == 0:
            yield text[begin:at].strip()
            return
        if sign == "," and depth == 0:
            yield text[begin:at].strip()
            begin = at + 1
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(sign, 0)
