"""How long to pause before another try: doubling up to a cap, spread so that who failed together does not come back
together. Pure; the caller has the chance."""

from __future__ import annotations

MOST_DOUBLINGS = 64
JITTER = 0.25


def doubled(tries: int, first: float, longest: float) -> float:
    """The pause before try number ``tries`` + 1 in seconds: ``first``, twice that, ... and never above ``longest``."""
    return min(first * 2.0 ** min(max(0, tries - 1), MOST_DOUBLINGS), longest)


def jittered(seconds: float, luck: float) -> float:
    """``seconds`` and up to a quarter more; ``luck`` is a random number from 0 to 1. Never shorter: a site may have
    asked for this much."""
    return seconds * (1 + JITTER * luck)


def spread(seconds: float, share: float, luck: float) -> float:
    """``seconds`` more or less a ``share`` of it; ``luck`` is a random number from 0 to 1."""
    return seconds * (1 + share * (2 * luck - 1))
