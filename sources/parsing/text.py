"""Text as sites send it, made plain: entities, markup, white space, script."""

from __future__ import annotations

import html
import re
import unicodedata

_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li)\b[^<>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x7f]")
_COMMANDS = re.compile(r"[\x1b\x80-\x84\x86-\x9f]")
"""ESC and C1, with which a text would give orders to a terminal; of C1, NEL is a line's end."""
_NOTHING = {"", "-", "?", "n/a", "none", "null", "unknown", "tba", "?."}


def clean(text: object) -> str | None:
    """One line of text: entities decoded, white space folded, NFC; ``None`` for nothing (``Unknown`` counts as nothing)."""
    if not isinstance(text, str):
        return None
    plain = _one_line(text)
    return None if plain.lower() in _NOTHING else plain


def without_controls(text: str) -> str:
    """``text`` without what a terminal would obey; other controls become blanks, lines and the marks of scripts stay."""
    return text if text.isprintable() else _CONTROL.sub(" ", _COMMANDS.sub("", text))


def title_text(text: object) -> str | None:
    """A title: like `clean`, but any word may be a title (there is a show called ``Unknown``)."""
    if not isinstance(text, str):
        return None
    return _one_line(text) or None


def _one_line(text: str) -> str:
    plain = without_controls(html.unescape(text))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def plain_text(markup: object) -> str | None:
    """Paragraphs without markup and without what is marked as a spoiler; ``None`` when nothing is left."""
    if not isinstance(markup, str):
        return None
    text = _HIDDEN.sub("", html.unescape(markup))
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    text = _without_spoilers(text)
    lines = [" ".join(line.split()) for line in without_controls(text).splitlines()]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return unicodedata.normalize("NFC", joined) or None


def _without_spoilers(text: str) -> str:
    """``text`` without what stands between ``~!`` and ``!~``, in one pass however many marks are left open."""
    kept: list[str] = []
    done = 0
    while (start := text.find("~!", done)) >= 0 and (end := text.find("!~", start + 2)) >= 0:
        kept.append(text[done:start])
        done = end + 2
    return "".join(kept) + text[done:]


def script_language(text: str) -> str | None:
    """``ja`` for kana, ``ko`` for hangul, otherwise ``None``: Han characters alone may be Chinese or Japanese."""
    names = [unicodedata.name(ch, "") for ch in text]
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return "ja"
    return "ko" if any(name.startswith("HANGUL") for name in names) else None
