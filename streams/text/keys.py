"""Keys under which two spellings of one thing are equal: titles, words, companies, people, addresses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

from sources.parsing.links import ids_from_url
from streams.text.folding import unaccented
from streams.text.invisible import visible

_CACHE = 1 << 13
"""Spellings that are kept of each kind: more than sixteen titles in work bring with all their hits and names."""
_QUOTES = str.maketrans(
    {**dict.fromkeys("‘’‚`´′ʼ＇", "'"), **dict.fromkeys("“”„″", '"'), **dict.fromkeys("‐‑‒–—−", "-")}
)
_COMPANY = re.compile(
    r"[\s,]+(?:inc|incorporated|co|corp|corporation|company|ltd|limited|llc|gmbh|k\.?k|s\.?a)\.?$",
    re.IGNORECASE,
)
_JAPANESE_COMPANY = re.compile(r"^(?:株式会社|有限会社)|(?:株式会社|有限会社)$")
_APART, _SILENT = re.compile(r'[,.・·=＝/()\[\]"“”;:]'), re.compile("['’‘`´‐–-]")
_QUOTED = re.compile(f"[{re.escape(''.join(map(chr, _QUOTES)))}]")
_TRACKING = ("utm_", "ref", "fbclid", "igshid", "si")


def _plain_quotes(text: str) -> str:
    """``str.translate`` is slow for every sign that it does not find, so it runs only where there is one."""
    return text.translate(_QUOTES) if _QUOTED.search(text) else text


@lru_cache(_CACHE)
def title_key(text: str) -> str:
    """Case, spaces, quotes and width folded; every other sign counts: ``K-On!`` is not ``K-On!!``."""
    seen = visible(text)
    folded = seen if seen.isascii() else unicodedata.normalize("NFKC", _plain_quotes(seen))
    return " ".join(_plain_quotes(folded).casefold().split())


@lru_cache(_CACHE)
def word_key(text: str) -> str:
    """Letters and digits only, accents off: ``Sci-Fi``, ``sci fi`` and ``SCI-FI`` are one; signs alone stay."""
    folded = text.casefold() if text.isascii() else unaccented(text).casefold()
    return "".join(filter(str.isalnum, folded)) or folded


@lru_cache(_CACHE)
def tag_key(text: str) -> str:
    """Like `word_key`, plural or not: ``Pirates`` and ``pirate`` are one tag."""
    key = word_key(text)
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith("ss") else key


@lru_cache(_CACHE)
def company_key(text: str) -> str:
    """Like `word_key` without legal forms: ``MADHOUSE Inc.`` and ``Madhouse`` are one."""
    name = _JAPANESE_COMPANY.sub("", text.strip())
    while (shorter := _COMPANY.sub("", name)) not in (name, ""):
        name = shorter
    return word_key(name)


@lru_cache(_CACHE)
def person_key(text: str) -> str:
    """A name without the order of its parts and the length of its vowels: ``Spiegel, Spike`` is ``Spike Spiegel``.

    A name that is not in Latin letters keeps its order (the family name comes first there) and loses its separators.
    """
    folded = text if text.isascii() else unaccented(unicodedata.normalize("NFKC", text))
    folded = folded.casefold()
    if not folded.replace(" ", "").isalnum():
        folded = _SILENT.sub("", _APART.sub(" ", folded))
    parts = folded.split()
    if not folded.isascii():
        return "".join(parts)
    if "u" in folded or "oo" in folded:
        parts = folded.replace("ou", "o").replace("oo", "o").replace("uu", "u").split()
    return " ".join(sorted(parts)) or text


@lru_cache(_CACHE)
def link_key(url: str) -> tuple[str, str] | str:
    """The id that an address names (`sources.parsing.links`), else its `url_key`: sites write links to one entry in many forms."""
    return ids_from_url(url) or url_key(url)


@lru_cache(_CACHE)
def url_key(url: str) -> str:
    """An address without scheme, ``www.``, trailing slash, fragment and tracking parameters."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # a hostile address is equal to itself only
        return url
    host = parts.netloc.casefold().removeprefix("www.").removeprefix("m.")
    pairs = [(k, v) for k, v in parse_qsl(parts.query) if not k.startswith(_TRACKING)]
    query = f"?{urlencode(sorted(pairs))}" if pairs else ""
    host = {"twitter.com": "x.com", "mobile.twitter.com": "x.com"}.get(host, host)
    return f"{host}{parts.path.rstrip('/')}{query}"
