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
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""Soft hyphen, blanks without width and byte order marks; the joiners that some scripts need are not among them."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOST_WRAPPINGS = 3
_NO_TITLE = {"", "-", "--", "–", "—", "?", "??", "???", "n/a", "null", "undefined", "nan", "tba", "tbd", "?."}
_NOTHING = _NO_TITLE | {
    *(
        "none",
        "unknown",
        "not available",
        "none found",
        "add some",
        "none found, add some",
        "n.a.",
        "k. a.",
        "k.a.",
    ),
    *("to be announced", "to be determined", "coming soon", "unbekannt", "not specified", "no data", "na"),
}
_NO_PROSE = _NOTHING | {
    *("no description", "no synopsis", "no description available", "no synopsis available"),
}


def clean(text: object) -> str | None:
    """One line of text: entities decoded, white space folded, NFC; ``None`` for nothing (``Unknown`` counts as nothing)."""
    if not isinstance(text, str):
        return None
    plain = one_line(text)
    return None if plain.lower() in _NOTHING else plain


def without_controls(text: str) -> str:
    """``text`` without what a terminal would obey; other controls become blanks, lines and the marks of scripts stay."""
    return text if text.isprintable() else _CONTROL.sub(" ", _COMMANDS.sub("", text))


def title_text(text: object) -> str | None:
    """A title: like `clean`, but any word may be a title (there is a show called ``Unknown``)."""
    if not isinstance(text, str):
        return None
    plain = one_line(text)
    return None if plain.lower() in _NO_TITLE else plain


def decoded(text: str) -> str:
    """``text`` without HTML entities, also where they were encoded twice; ``Q&Amp`` without its semicolon is none."""
    for _ in range(_MOST_WRAPPINGS):
        plain = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        if plain == text:
            break
        text = plain
    return text


def visible(text: str) -> str:
    """``text`` without characters that nobody sees."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def one_line(text: str) -> str:
    """``text`` on one line: entities decoded, white space folded, without what nobody sees, NFC."""
    plain = without_controls(visible(decoded(text)))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def plain_text(markup: object) -> str | None:
    """Paragraphs without markup and without what is marked as a spoiler; ``None`` when nothing is left, or a word for nothing."""
    if not isinstance(markup, str):
        return None
    text = _HIDDEN.sub("", decoded(markup))
    text = visible(decoded(_TAG.sub("", _BREAK.sub("\n", text))))
    text = _without_spoilers(text)
    lines = [" ".join(line.split()) for line in without_controls(text).splitlines()]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    says_nothing = not _NO_PROSE.isdisjoint({joined.lower(), joined.lower().rstrip(".")})
    return None if says_nothing else unicodedata.normalize("NFC", joined)


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
