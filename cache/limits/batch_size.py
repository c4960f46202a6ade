"""How many questions one request to a site may carry, as the fleet has learned it. Pure."""

from __future__ import annotations


def after_refusal(size: int) -> int:
    """The size to go on with after a site refused a request of ``size`` questions for its size."""
    return max(1, size // 2)


def after_success(size: int, carried: int, most: int) -> int:
    """The size to go on with after an answer to ``carried`` questions: a full one grows it by an eighth, up to ``most``.

    One that carried more than ``size`` shows that it was not their number that was refused.
    """
    return min(most, carried + 1 + carried // 8) if carried >= size else size
