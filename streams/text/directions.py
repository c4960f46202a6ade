"""Texts that run from right to left, and the marks that turn a text: kept, but held to their own place (UAX 9)."""

from __future__ import annotations

import unicodedata

FIRST_STRONG, END_OF_ISOLATE = "\u2068", "\u2069"
_END_OF_EMBEDDING = "\u202c"
_OPENS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", _END_OF_EMBEDDING),
    **dict.fromkeys("\u2066\u2067\u2068", END_OF_ISOLATE),
}
_ENDS = {_END_OF_EMBEDDING, END_OF_ISOLATE}
_TURN = {"R", "AL", "AN", "RLE", "RLO", "LRE", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI"}


def balanced(text: str) -> str:
    """``text`` of which every mark that opens is closed, and none closes what stands outside; ``text`` is one line."""
    if text.isascii():
        return text
    kept: list[str] = []
    open_ends: list[str] = []
    for char in text:
        if end := _OPENS.get(char):
            open_ends.append(end)
        elif char in _ENDS and not _closes(char, open_ends):
            continue
        kept.append(char)
    return "".join(kept + open_ends[::-1])


def _closes(end: str, open_ends: list[str]) -> bool:
    """Whether ``end`` closes something; then it is taken off ``open_ends``, with what an isolate's end closes besides."""
    if not open_ends or (end == _END_OF_EMBEDDING and open_ends[-1] != end) or end not in open_ends:
        return False
    while open_ends.pop() != end:
        pass
    return True


def isolated(text: str) -> str:
    """``text`` that cannot turn what is written beside it: each line that could is put between marks of its own."""
    if text.isascii():
        return text
    return "\n".join(_isolated_line(line) for line in text.split("\n"))


def _isolated_line(line: str) -> str:
    if not any(unicodedata.bidirectional(char) in _TURN for char in line):
        return line
    return f"{FIRST_STRONG}{balanced(line)}{END_OF_ISOLATE}"
