"""HTML pages read without trusting them: text, attributes, structured data, and what a page is that is no entry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cache.block_page import challenge, is_ban
from cache.text import as_text
from sources.errors import NotAnEntry
from sources.parsing.html_limits import too_costly
from sources.parsing.json_reply import address, mapping, objects, real, whole
from sources.parsing.numbers import count
from sources.parsing.text import clean, one_line, title_text
from sources.record import Score
from sources.verdict import is_cut

_HOST = re.compile(r"(?:https?:)?//([^/?#:]+)", re.IGNORECASE)
_OUT_OF_ORDER = re.compile(
    r"<title>[^<]{0,200}(?:maintenance|temporarily unavailable|service unavailable|bad gateway|gateway time-?out"
    r"|internal server error|\b50[0-4]\b|wartung)",
    re.IGNORECASE,
)
"""Titles of pages that stand for the whole site while it is down, some of them with HTTP 200."""

_CHARSET = re.compile(rb"<meta[^>]{0,200}\bcharset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_LONGEST = 1000  # characters of a title, a name or another one-line text


def load(body: bytes) -> LexborHTMLParser:
    """The page in ``body``, with the addresses that Cloudflare hides put back; half a page or too costly a one is none."""
    if why := too_costly(body):
        raise NotAnEntry("error", why)
    html = as_page(body).replace("\0", "\ufffd")
    if is_cut(html):
        raise not_an_entry(body)
    page = LexborHTMLParser(html)
    for node in outermost(page.css("[data-cfemail]")):
        if (hidden := reveal(attribute(node, "data-cfemail"))) is not None:
            node.replace_with(hidden)
    return page


def outermost(nodes: list[LexborNode]) -> Iterator[LexborNode]:
    """Each of ``nodes`` once, without those inside another; only these may be removed from a page one by one."""
    chosen = {node.mem_id for node in nodes}
    for node in {node.mem_id: node for node in nodes}.values():
        above = node.parent
        while above is not None and above.mem_id not in chosen:
            above = above.parent
        if above is None:
            yield node


def reveal(hidden: str) -> str | None:
    """The text behind ``data-cfemail``: hexadecimal bytes, each XORed with the first; ``None`` for anything else."""
    try:
        key, *rest = bytes.fromhex(hidden)
    except ValueError:  # no hexadecimal digits, or none at all
        return None
    return bytes(byte ^ key for byte in rest).decode("utf-8", "replace")


def text(node: LexborNode | None) -> str | None:
    """All text in ``node`` on one line; ``None`` when there is none."""
    return line(node.text(deep=True)) if node is not None else None


def title(node: LexborNode | None) -> str | None:
    """The text in ``node`` as a title; ``None`` for a sign that stands for none."""
    return title_text(text(node))


def line(raw: str) -> str | None:
    """``raw`` on one line of bounded length; ``None`` when nothing is left."""
    folded = one_line(raw[: 10 * _LONGEST])
    return folded[:_LONGEST] if folded else None


def texts(nodes: Iterable[LexborNode]) -> list[str]:
    """The names in ``nodes`` in order, each once; a word that stands for none is none."""
    found = (clean(text(node)) for node in nodes)
    return list(dict.fromkeys(item for item in found if item))


def attribute(node: LexborNode | None, name: str) -> str:
    """An attribute's value, stripped; empty when the node or the attribute is missing."""
    value = node.attributes.get(name) if node is not None else None
    return (value or "").strip()


def meta(page: LexborHTMLParser, name: str) -> str:
    """The content of the ``meta`` element with this property or name."""
    return attribute(page.css_first(f'meta[property="{name}"], meta[name="{name}"]'), "content")


def link(base: str, href: str) -> str | None:
    """``href`` as an absolute http(s) address; ``None`` when it is none, or a word that stands for none."""
    try:
        return address(urljoin(base, href)) if clean(href) else None
    except ValueError:  # a hostile address is no address
        return None


def is_at_home(href: str, site: str) -> bool:
    """Whether ``href`` leads nowhere else than to ``site``, under whatever country's name; relative ones stay."""
    host = _HOST.match(href)
    return host is None or host[1].lower().removeprefix("www.").split(".")[0] == _name_of(site)


def _name_of(site: str) -> str:
    found = _HOST.match(site)
    return found[1].removeprefix("www.").split(".")[0] if found else ""


def as_page(body: bytes) -> str:
    """The text of a page: UTF-8, or where it is none the charset that the page declares at its beginning."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _CHARSET.search(body[:2048])
        return as_text(body, declared[1].decode("ascii") if declared else None)


def linked_data(page: LexborHTMLParser) -> dict[str, Any]:
    """The page's JSON-LD object about a work; empty when there is none or it is broken."""
    for script in page.css('script[type="application/ld+json"]'):
        value = _json(script.text())
        for item in [mapping(value), *objects(value), *objects(mapping(value).get("@graph"))]:
            if item.get("@type") in {"TVSeries", "Movie", "TVEpisode", "CreativeWork"}:
                return item
    return {}


def _json(raw: str) -> Any:
    try:
        # decimals stay text: unquoted, 11.752 votes would be eleven and a bit
        value = json.loads(raw, strict=False, parse_constant=lambda _: None, parse_float=str)
        # half a surrogate pair is legal JSON but no text
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):  # structured data is an extra; the page itself is still there
        return None


def linked_score(data: dict[str, Any], lowest: float, highest: float) -> Score | None:
    """The rating in JSON-LD on its own scale (by default ``lowest`` to ``highest``); ``None`` when there is none."""
    rating = mapping(data.get("aggregateRating"))
    value, votes = real(rating.get("ratingValue")), whole(count(rating.get("ratingCount")))
    least = real(rating.get("worstRating")) or lowest
    most = real(rating.get("bestRating")) or highest
    if value is None or not least <= value <= most:
        return None
    return Score(value=value, scale_min=least, scale_max=most, votes=votes)


def not_an_entry(body: bytes) -> NotAnEntry:
    """What a page without an entry's landmarks is: a challenge, a ban, nothing, or a page in a new layout."""
    html = as_page(body)
    if not html.strip():
        return NotAnEntry("error", "the page is empty")
    if why := challenge({}, html):
        return NotAnEntry("challenge", why)
    if is_ban(html):
        return NotAnEntry("banned", "the site has banned this address")
    if is_cut(html):
        return NotAnEntry("error", "the page breaks off before its end")
    if _OUT_OF_ORDER.search(html[:20_000]):
        return NotAnEntry("error", "the site says that it is out of order")
    return NotAnEntry("changed_layout", "the page lacks the landmarks of an entry")


def need_footer(page: LexborHTMLParser) -> None:
    """Raise `NotAnEntry` for a page without the footer that both sites put at the end of every page.

    A browser closes what a broken-off page left open, so ``</html>`` alone proves nothing there.
    """
    if page.css_first("footer") is None:
        raise NotAnEntry("error", "the page breaks off before its footer")
