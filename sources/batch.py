"""What a source declares about asking for several things in one request. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL


@dataclass(frozen=True, slots=True)
class Question:
    """One request: ``json`` is its body, ``None`` for a request without one."""

    method: str
    url: URL
    json: Any = None


@dataclass(frozen=True, slots=True)
class Part:
    """The answer to one question out of that to many, as the site would have given it to the question alone."""

    body: bytes
    status: int = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """One kind of question of which a site takes several in one request.

    Args:
        name: a word for counts and for the size that the fleet has learned.
        most: questions in one request.
        group: what questions must have in common to go together; ``None`` for a question of another kind.
        join: one question for all of them; never called with fewer than two.
        split: their answers, in order, out of the body of the joint one. ``None`` for an answer that it does not hold:
            that question is asked again, with fewer others. Raises `sources.errors.NotAnEntry` for anything else.
        none: HTTP status that says of all of them that there is no such thing.
    """

    name: str
    most: int
    group: Callable[[Question], str | None]
    join: Callable[[Sequence[Question]], Question]
    split: Callable[[Sequence[Question], bytes], Sequence[Part | None]]
    none: int | None = None
