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
        said = one["msg"].removeprefix("Value error, ")
        parts.append(f"{where}: {said}" if where else said)
    return "; ".join(parts)
