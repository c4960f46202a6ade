"""Characters that nobody sees and that make two equal titles unequal: taken out here, and nowhere else."""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, but those that are white space
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero width, joiners, the marks of bidirectional text
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"  # variation selectors, byte order mark, fillers
    "\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """``text`` without what has no shape and no width; blanks stay."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)
