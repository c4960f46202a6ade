"""What a piece of work has read: the stored answers it was made of, and until when it would come out the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """One stored answer: its key, the name of the variant, and when it was stored (Unix seconds).

    ``at`` is 0 where a new answer always gets a new name, so that the name alone tells whether it is still there.
    """

    key: str
    name: bytes
    at: float = 0.0


@dataclass(slots=True)
class Reads:
    """``until`` and ``oldest`` are Unix seconds; what is ``loose`` rests on something that cannot be found again."""

    parts: dict[Part, None] = field(default_factory=dict)
    until: float = math.inf
    oldest: float = math.inf
    loose: bool = False

    def add(self, part: Part, until: float, stored_at: float) -> None:
        """A fresh answer was read that holds ``until`` then."""
        self.parts[part] = None
        self.hold(until)
        self.oldest = min(self.oldest, stored_at)

    def hold(self, until: float) -> None:
        """What is read now may read otherwise from then on."""
        self.until = min(self.until, until)

    def include(self, other: Reads) -> None:
        """All that another piece of work has read was read for this one as well."""
        self.parts.update(other.parts)
        self.until, self.oldest = min(self.until, other.until), min(self.oldest, other.oldest)
        self.loose = self.loose or other.loose


_READS: ContextVar[Reads | None] = ContextVar("reads", default=None)


@contextmanager
def noting() -> Iterator[Reads]:
    """Note what this block, and the tasks started in it, read; whoever notes around it reads it, too."""
    outer, mine = _READS.get(), Reads()
    token = _READS.set(mine)
    try:
        yield mine
    finally:
        _READS.reset(token)
        if outer is not None:
            outer.include(mine)


def note_read(part: Part, until: float, stored_at: float) -> None:
    """A fresh answer out of the store was read; see `Reads.add`."""
    if (reads := _READS.get()) is not None:
        reads.add(part, until, stored_at)


def note_loose() -> None:
    """Something was read that does not lie in the store as it was read, or no longer."""
    if (reads := _READS.get()) is not None:
        reads.loose = True


def holds_until(instant: float) -> None:
    """For code that looks at the clock: from that instant (Unix seconds) on the outcome may be another."""
    if (reads := _READS.get()) is not None:
        reads.hold(instant)
