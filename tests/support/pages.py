"""The documents as data: their fenced blocks, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCED = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*) ?(?P<mark>[^\n]*)\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_INLINE = re.compile(r"`([^`]+)`")
_OPERATOR = re.compile(r"[();|&]+")
_REDIRECTED = re.compile(r"\d?>>? ?[\w./]+")
_NO_COMMAND = {"until", "while", "do", "done", "then", "{", "}", "$@"}


@dataclass(frozen=True)
class Block:
    """One fenced block; ``mark`` is what stands behind its language, as ``run`` or ``run exit=4``."""

    page: Path
    kind: str
    mark: str
    code: str

    @property
    def code_expected(self) -> int:
        return int(self.mark.partition("exit=")[2] or 0)


def blocks(page: Path, kind: str) -> list[Block]:
    """The blocks of ``page`` in that language."""
    found = _FENCED.finditer(page.read_text("utf-8"))
    return [Block(page, m["kind"], m["mark"], m["code"]) for m in found if m["kind"] == kind]


def inline(page: Path) -> list[str]:
    """What stands between backticks in the running text."""
    text = _FENCED.sub("", page.read_text("utf-8"))
    return [" ".join(found.split()) for found in _INLINE.findall(text)]


def commands(code: str) -> Iterator[list[str]]:
    """The simple commands of a shell script, each as its words; redirections and keywords are left out."""
    for line in code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(_REDIRECTED.sub(" ", line), posix=True, punctuation_chars=True)
        lexer.whitespace_split, lexer.commenters = True, "#"
        words: list[str] = []
        for word in [*lexer, ";"]:
            if not _OPERATOR.fullmatch(word):
                words += [] if not words and word in _NO_COMMAND else [word]
                continue
            if words:
                yield words
            words = []
