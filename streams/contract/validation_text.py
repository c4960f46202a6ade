"""What is wrong with given values, in words that name the field."""

from __future__ import annotations

from pydantic import ValidationError

MOST = 5


def fault(error: ValueError) -> str:
    """One line for a person: ``title: String should have at least 1 character; year: ...``."""
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    parts = []
    for one in error.errors()[:MOST]:
        where = ".".join(str(part) for part in one["loc"])
        parts.append(f"{where}: {said(one['msg'])}" if where else said(one["msg"]))
    return "; ".join(parts)


def said(message: str) -> str:
    """What a check of ours said, without the words that pydantic puts before it."""
    return message.removeprefix("Value error, ")


def why(error: OSError) -> str:
    """What the system says of ``error``, to stand within a sentence: ``no space left on device``."""
    return (error.strerror or type(error).__name__).lower()
