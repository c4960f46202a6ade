"""What the shell offers for an argument: sources and models by name."""

from __future__ import annotations


def sources(incomplete: str) -> list[str]:
    """Names of sources that begin so."""
    from sources import discover

    return [name for name in discover() if name.startswith(incomplete)]


def models(incomplete: str) -> list[str]:
    """Names of published models that begin so."""
    from streams.contract.documents import MODELS

    return [name for name in MODELS if name.lower().startswith(incomplete.lower())]
