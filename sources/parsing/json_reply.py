"""JSON as sites send it, read without trusting its shape: every accessor answers for any value."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

from cache.block_page import challenge_instead_of_data
from cache.text import as_text
from sources.errors import NotAnEntry
from sources.parsing.numbers import decimal, integer
from sources.parsing.text import clean, decoded, visible, without_controls

LARGEST = 16 * 1024 * 1024
"""Bytes of the largest body that is read; the largest recorded answer has less than 1 MB."""

LONGEST_LIST = 10_000
"""Items read of one list; the longest real one (the characters of a long-running show) has about 1,500."""

_EDGE = bytes(range(0x21)) + b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x1f]")
_HALF = re.compile(r"[\ud800-\udfff]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ADDRESS = re.compile(
    r"(?P<scheme>https?:)?//(?:[^\s/?#@]*@)?[^\s/?#@.\[\]]+(?:\.[^\s/?#@]*)?(?:[/?#]\S*)?", re.IGNORECASE
)
_ID = re.compile(r"[1-9][0-9]{0,11}")
_ORDINAL = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,6}(?:\.\d{1,2})?")
_LAST_EPISODE = 20_000
_LARGEST_NUMBER = 10**12


def bare(body: bytes) -> bytes:
    """``body`` without a byte order mark, white space and control characters around it."""
    return body.strip(_EDGE)


def load(body: bytes, repaired: list[str] | None = None) -> Any:
    """The value in ``body``; anything else (HTML, cut, too large or too deep) raises `NotAnEntry`.

    What harms a few characters only is mended and named in ``repaired``: ``control_characters`` inside texts,
    ``encoding`` (bytes that are no UTF-8), ``no_number`` (``NaN``, ``Infinity``), ``half_a_character``.
    """
    if len(body) > LARGEST:
        raise NotAnEntry("error", f"{len(body)} bytes are more than an answer can have")
    notes = repaired if repaired is not None else []
    try:
        return _loaded(body, notes)
    except (ValueError, RecursionError) as error:
        if bare(body)[:1] == b"<":
            raise NotAnEntry(
                "challenge" if challenge_instead_of_data({}, as_text(body)) else "error",
                "HTML instead of JSON",
            ) from error
        raise NotAnEntry("error", "no valid JSON") from error


def _loaded(body: bytes, notes: list[str]) -> Any:
    try:
        value = _decoded(body, notes)
    except ValueError:
        text = as_text(bare(body))
        sound = _CONTROL.sub(" ", text)
        value = _decoded(sound, notes)
        notes += ["control_characters"] * (sound != text) + ["encoding"] * (text.encode() != bare(body))
    if _SURROGATE.search(body):  # half a pair is legal JSON but no text
        text = json.dumps(value, ensure_ascii=False)
        value = json.loads(text.encode("utf-8", "replace"))
        notes += ["half_a_character"] * (_HALF.search(text) is not None)
    return value


def _decoded(body: bytes | str, notes: list[str]) -> Any:
    odd: list[str] = []
    value = json.loads(body, parse_constant=odd.append)  # what stands for no number is nothing
    notes += ["no_number"] * bool(odd)
    return value


def mapping(value: object) -> dict[str, Any]:
    """``value`` if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    """The items of a list, `LONGEST_LIST` at most, also of one that came as an object with the keys 0, 1, 2.

    So PHP writes a list of which some items were taken out; anything else is no list.
    """
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        value = list(value.values())
    return value[:LONGEST_LIST] if isinstance(value, list) else []


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list as `rows` reads it; anything else is left out."""
    return [item for item in rows(value) if isinstance(item, dict)]


def words(value: object) -> list[str]:
    """The texts in a list as `rows` reads it, stripped, without empty ones and repetitions, in order."""
    texts = (word(item) for item in rows(value))
    return list(dict.fromkeys(text for text in texts if text))


def labels(*values: object) -> list[str]:
    """The names in lists (genres, tags, companies), each once, entities decoded; a word that stands for none is none."""
    listed = itertools.chain(*map(rows, values))
    return list(dict.fromkeys(name for item in listed if (name := clean(item))))


def word(value: object) -> str | None:
    """A text, entities decoded, stripped; ``None`` for an empty one and for anything else."""
    return (visible(without_controls(decoded(value))).strip() or None) if isinstance(value, str) else None


def whole(value: object, least: int = 1) -> int | None:
    """A whole number from ``least`` up (so that 0 means "not said"), also a text that is one; ``None`` for anything else."""
    found = integer(value)
    return found if found is not None and least <= found <= _LARGEST_NUMBER else None


def real(value: object) -> float | None:
    """A number above zero, also from text; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = decimal(value) if isinstance(value, str) else float(value)
    except OverflowError:  # a whole number that is too large for a decimal
        return None
    return found if found and 0 < found <= _LARGEST_NUMBER else None


def ordinal(value: object) -> float | None:
    """The number of an episode, which may be 0 or 13.5, also from text; ``None`` for anything else."""
    text = word(value) if isinstance(value, str) else str(value)
    if isinstance(value, bool) or text is None or not _ORDINAL.fullmatch(text):
        return None
    number = float(text.replace(",", ""))
    return number if number <= _LAST_EPISODE else None


def truth(value: object) -> bool | None:
    """A truth value, also written as 1 and 0 or in words; ``None`` for anything else."""
    said = value.strip().lower() if isinstance(value, str) else value
    return True if said in (True, "true", "1") else False if said in (False, "false", "0") else None


def counters(value: object, names: Mapping[str, str], least: int = 1) -> dict[str, float]:
    """The whole numbers of an object under the keys of ``names``, by the words they are given there."""
    found = {ours: whole(mapping(value).get(theirs), least) for theirs, ours in names.items()}
    return {ours: float(count) for ours, count in found.items() if count is not None}


def named_texts(value: object, names: Mapping[str, str]) -> dict[str, str]:
    """The texts of an object under the keys of ``names``, by the words they are given there; for ``further``."""
    found = {ours: clean(mapping(value).get(theirs)) for theirs, ours in names.items()}
    return {ours: text for ours, text in found.items() if text}


def at(value: object, *path: str) -> Any:
    """The value under nested keys; ``None`` when there is none."""
    for key in path:
        value = mapping(value).get(key)
    return value


def identifier(value: object) -> str | None:
    """A numeric id as text, given as a number or as digits; ``None`` for zero, for text around the digits and the rest."""
    digits = word(value) if isinstance(value, str) else str(integer(value))
    return digits if digits is not None and _ID.fullmatch(digits) else None


def address(value: object) -> str | None:
    """An http(s) address with a host, also one that leaves the scheme to the page; ``None`` for anything else."""
    text = word(value) or ""
    found = _ADDRESS.fullmatch(text) if len(text) <= 2000 else None
    return f"https:{text}" if found and not found["scheme"] else text if found else None


def plain_values(value: object, *names: str) -> dict[str, Any]:
    """The named members, for ``raw``: only texts (without controls), numbers, truth values and what is null."""
    members = mapping(value).items()
    return {
        name: without_controls(item) if isinstance(item, str) else item
        for name, item in members
        if name in names and _is_plain(item)
    }


def _is_plain(item: object) -> bool:
    if isinstance(item, str):
        return len(item) <= 10_000
    if isinstance(item, int | float) and not isinstance(item, bool):
        return abs(item) <= _LARGEST_NUMBER
    return item is None or isinstance(item, bool)
