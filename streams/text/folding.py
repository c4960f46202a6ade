"""Letters without what a hand may leave out."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]+")


def unaccented(text: str) -> str:
    """``text`` without accents; width and ligatures folded (``ﬁ`` is ``fi``), the voicing marks of kana kept.

    NFKD and not NFD: a text whose compatibility letters were folded already comes out the same of both, and one that
    comes raw would keep them with NFD, so that one name in two widths would be two.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
