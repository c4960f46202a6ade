"""How AniDB writes: language codes of its own, backticks for apostrophes, links inside sentences."""

from __future__ import annotations

import re

from sources.parsing.text import plain_text, title_text, visible
from sources.record import Unmapped

_LONGEST = 20_000
_OWN_CODES = {
    "x-jat": "ja-Latn",
    "x-zht": "zh-Latn",
    "x-kot": "ko-Latn",
    "x-tht": "th-Latn",
    "x-unk": None,
    "x-other": None,
    "x-in": None,
    "en_original": "en",
    "es-ca": "ca",
    "es-ga": "gl",
    "es-la": "es-419",
    "zh-nan": "nan",
    "al": "sq",
    "bd": "bn",
    "cz": "cs",
    "dk": "da",
    "gr": "el",
    "jp": "ja",
}
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?")
_LINK = re.compile(r"https?://(?:www\.)?anidb\.net/\S{1,100}?\s{0,3}\[([^\[\]\n]{1,300})\]")
_SPOILER = re.compile(r"\[spoiler\].{0,5000}?\[/spoiler\]", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"\[/?(?:i|b|u|s|url|quote|ul|ol|li|code)(?:=[^\[\]\n]{0,300})?\]", re.IGNORECASE)
_ATTRIBUTION = re.compile(r"(?:\(?\s*sources?\s*:|~\s{0,5}\S).*", re.IGNORECASE)


def language(code: str | None, unmapped: list[Unmapped]) -> str | None:
    """The BCP 47 tag for AniDB's ``xml:lang``; ``None`` when the language is not said or not known."""
    key = (code or "").strip()[:40].lower()
    if not key or key in _OWN_CODES:
        return _OWN_CODES.get(key)
    if _TAG.fullmatch(key):
        parts = key.split("-")
        return "-".join([parts[0], *(p.title() if len(p) == 4 else p.upper() for p in parts[1:])])
    unmapped.append(Unmapped(field="language", raw=key))
    return None


def words(text: str | None) -> str | None:
    """One line with apostrophes instead of backticks; ``None`` for nothing."""
    return title_text(text[:_LONGEST].replace("`", "'")) if text else None


def prose(text: str | None) -> str | None:
    """A description without link addresses, markup, spoilers and lines that only name where it was taken from."""
    if not text:
        return None
    plain = _SPOILER.sub("", visible(text[:_LONGEST]).replace("`", "'"))
    plain = _MARKUP.sub("", _LINK.sub(r"\1", plain))
    kept = [line for line in plain.splitlines() if not _ATTRIBUTION.fullmatch(line.strip())]
    return plain_text("\n".join(kept))
