"""The bytes of a reply as text."""

from __future__ import annotations


def as_text(body: bytes, charset: str | None = None) -> str:
    """``body`` in ``charset`` (UTF-8 where none or an unknown one is named); what fits no letter becomes U+FFFD."""
    try:
        return body.decode(charset or "utf-8", "replace")
    except LookupError:  # a site may name a charset that nobody knows
        return body.decode("utf-8", "replace")
