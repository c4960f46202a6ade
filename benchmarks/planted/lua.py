"""The fences of a Lua script: every comparison, every condition, every bound and every number in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.planted.plant import Fault, another, fault_at, told_apart

_TOKEN = re.compile(
    r"(?P<skip>--[^\n]*|#![^\n]*|[ \t\r]+)|(?P<line>\n)|(?P<text>'[^'\n]*'|\"[^\"\n]*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>\w+)|(?P<sign>==|~=|<=|>=|\.\.\.|\.\.|.)"
)
COMPARES = {"==": "~=", "~=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
"""Each sign that compares, and what it is turned into: the other answer, or a bound that is one off."""
_OPENS, _CLOSES = {"(", "{", "["}, {")", "}", "]"}
_ENDS = {
    "and",
    "or",
    "not",
    "then",
    "do",
    "end",
    "if",
    "elseif",
    "while",
    "until",
    "return",
    "=",
    ",",
    "local",
    "else",
}


class Token(NamedTuple):
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def comparisons(path: str, source: str) -> list[Fault]:
    """Every comparison deleted: once as if it always held, once as if it never did."""
    tokens = _tokens(source)
    spans = [_around(tokens, at) for at, token in enumerate(tokens) if token.text in COMPARES]
    return [fault_at(path, source, *span, word) for span in spans for word in ("true", "false")]


def faults(path: str, source: str) -> list[Fault]:
    """Every fault that can be planted in a script, in the order of the text."""
    tokens = _tokens(source)
    found = [*comparisons(path, source), *_conditions(path, source, tokens)]
    for at, token in enumerate(tokens):
        if token.text in {"<", "<=", ">", ">="}:
            found.append(fault_at(path, source, token.start, token.end, COMPARES[token.text]))
        if token.kind == "number" and not _names_arguments(tokens, at):
            found.append(
                fault_at(
                    path,
                    source,
                    token.start,
                    token.end,
                    str(another(int(token.text) if token.text.isdigit() else float(token.text))),
                )
            )
    return told_apart(sorted(set(found), key=lambda one: (one.start, one.after)))


def _tokens(source: str) -> list[Token]:
    found = (Token(str(one.lastgroup), one[0], one.start()) for one in _TOKEN.finditer(source))
    return [one for one in found if one.kind != "skip"]


def _around(tokens: list[Token], at: int) -> tuple[int, int]:
    """Where the comparison with its sign at ``at`` begins and ends."""
    first, last = at, at
    while first > 0 and not _stops(tokens, first - 1, back=True):
        first = _before(tokens, first - 1)
    while last + 1 < len(tokens) and not _stops(tokens, last + 1, back=False):
        last = _behind(tokens, last + 1)
    return tokens[first].start, tokens[last].end


def _stops(tokens: list[Token], at: int, *, back: bool) -> bool:
    token = tokens[at]
    outside = _OPENS if back else _CLOSES
    return token.text in _ENDS or token.kind == "line" or token.text in outside or token.text == ";"


def _before(tokens: list[Token], at: int) -> int:
    """The place where what ends at ``at`` begins: a bracket is passed over as a whole."""
    depth = 0
    while True:
        depth += (tokens[at].text in _CLOSES) - (tokens[at].text in _OPENS)
        if not depth:
            return at
        at -= 1


def _behind(tokens: list[Token], at: int) -> int:
    depth = 0
    while True:
        depth += (tokens[at].text in _OPENS) - (tokens[at].text in _CLOSES)
        if not depth:
            return at
        at += 1


def _conditions(path: str, source: str, tokens: list[Token]) -> Iterator[Fault]:
    """The parts of conditions that compare nothing: something is there, or it is not."""
    for at, token in enumerate(tokens):
        if token.text not in {"if", "elseif", "while", "and", "or", "not"}:
            continue
        first = at + 1
        if tokens[first].text == "not" or first >= len(tokens):
            continue
        last = first
        while last + 1 < len(tokens) and not _stops(tokens, last + 1, back=False):
            last = _behind(tokens, last + 1) if tokens[last].text not in _OPENS else _behind(tokens, last)
        last = _behind(tokens, first) if tokens[first].text in _OPENS and last == first else last
        part = tokens[first : last + 1]
        if not any(one.text in COMPARES for one in part) and part[0].kind not in {"number", "text"}:
            for word in ("true", "false"):
                yield fault_at(path, source, part[0].start, part[-1].end, word)


def _names_arguments(tokens: list[Token], at: int) -> bool:
    """Whether a number belongs to the lines that name KEYS and ARGV, or to the place of an item in a reply."""
    line = [one for one in tokens if _same_line(tokens, at, one)]
    return any(one.text in {"KEYS", "ARGV"} for one in line) or tokens[at - 1].text == "["


def _same_line(tokens: list[Token], at: int, other: Token) -> bool:
    low, high = min(tokens[at].start, other.start), max(tokens[at].start, other.start)
    return not any(one.kind == "line" and low < one.start < high for one in tokens)
