"""Owner of what the sources answered lately: counts by minute for a day, by hour for a month, never by title.

A bucket is one small hash a source: how often each word (``ok``, or a reason), how many from the cache, how well filled, how
long the others took. Seven sources fill at most 15 000 of them, of about 400 bytes; all go by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from redis.exceptions import RedisError

from streams.broker.connection import text
from streams.broker.delivery import pairs
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts, table

TELL_SECONDS = 10.0
KEEP_MINUTES, KEEP_HOURS = 86_400, 30 * 86_400
"""Seconds for which the buckets are kept."""
LATELY = 60
"""Minutes that are looked at one by one."""
MESSAGE = 200
"""Characters kept of the last failure's message."""
OUTPUTS = "-outputs"
"""Under this name, which no source has, outputs are counted by their status."""
ENTRY, FOUND = "ok", "found"
"""A record, and a search that was answered."""
ANSWERED = frozenset({ENTRY, FOUND, "not_found", "ambiguous", "mismatch"})
"""Words that say that the site does its work; all others are reasons why it did not."""
_CACHED, _FILLED, _TIME = "cached", "filled", "t"
_EDGES = (0.0, *(2.0**power / 1000 for power in range(4, 20)))
"""Seconds between which answers are counted together."""


class Tally:
    """What one process heard of the sources since it last told the fleet."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.failures: dict[str, tuple[str, str]] = {}

    def answered(
        self,
        source: str,
        word: str,
        *,
        cached: bool = False,
        seconds: float | None = None,
        filled: float | None = None,
    ) -> None:
        """Count an answer: how long the site took (without waiting for a turn), what share of its fields is filled."""
        counts = self.counts.setdefault(source, Counter())
        counts[word] += 1
        counts[_CACHED] += cached
        if filled is not None:
            counts[_FILLED] += round(100 * filled)
        if seconds is not None and not cached:
            counts[f"{_TIME}{sum(edge <= seconds for edge in _EDGES) - 1}"] += 1

    def put_out(self, status: str) -> None:
        """Count an output."""
        self.counts.setdefault(OUTPUTS, Counter())[status] += 1

    def failed(self, source: str, reason: str, message: str) -> None:
        """Count a question that the site did not answer."""
        self.counts.setdefault(source, Counter())[reason] += 1
        self.failures[source] = reason, message[:MESSAGE]

    def take(self, source: str) -> tuple[Counter[str], tuple[str, str]]:
        """What was heard of a source, taken out, so that nobody tells it twice."""
        return self.counts.pop(source, Counter()), self.failures.pop(source, ("", ""))

    def put_back(self, source: str, counts: Counter[str], failure: tuple[str, str]) -> None:
        """Keep for the next time what could not be told."""
        self.counts.setdefault(source, Counter()).update(counts)
        if failure[0]:
            self.failures.setdefault(source, failure)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in some stretch of time."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Counted) -> Counted:
        return Counted(Counter(self.counts) + Counter(other.counts))

    @property
    def words(self) -> dict[str, int]:
        """How often each answer or reason came."""
        own = {_CACHED, _FILLED}
        return {name: n for name, n in self.counts.items() if name not in own and not _is_time(name)}

    @property
    def answered(self) -> int:
        """How many questions were answered, from the cache or by the site."""
        return sum(n for word, n in self.words.items() if word in ANSWERED)

    @property
    def from_cache(self) -> int:
        """How many of those by the cache."""
        return self.counts.get(_CACHED, 0)

    @property
    def failures(self) -> dict[str, int]:
        """How many questions were not answered, by reason, the most frequent first."""
        found = [(word, n) for word, n in self.words.items() if word not in ANSWERED]
        return dict(sorted(found, key=lambda pair: -pair[1]))

    @property
    def filled(self) -> float | None:
        """Mean share of fields that records had, 0 to 1; ``None`` without any."""
        records = self.counts.get(ENTRY, 0)
        return self.counts.get(_FILLED, 0) / 100 / records if records else None

    def seconds(self, share: float) -> float | None:
        """The time within which ``share`` (0 to 1) of the site's answers came; ``None`` without any."""
        times = [self.counts.get(f"{_TIME}{index}", 0) for index in range(len(_EDGES))]
        wanted, seen = share * sum(times), 0
        for count, (low, high) in zip(times, pairwise((*_EDGES, 2 * _EDGES[-1])), strict=True):
            if count and seen + count >= wanted:
                return low + (high - low) * (wanted - seen) / count
            seen += count
        return None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of one source: minute by minute (the newest first), over the last day, and last of all.

    Times are Unix seconds of the server; 0 for never.
    """

    minutes: Sequence[Counted] = ()
    day: Counted = Counted()
    ok_at: float = 0.0
    failed_at: float = 0.0
    reason: str = ""
    message: str = ""

    @property
    def hour(self) -> Counted:
        """The minutes together."""
        return sum(self.minutes, Counted())


class Answers:
    """Written by every process once in `TELL_SECONDS`."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def tell(self, tally: Tally) -> None:
        """Add what a process heard, and begin its tally anew; on an error of the server it stays as it was."""
        for source in list(tally.counts):
            counts, failure = tally.take(source)
            try:
                await self._add(source, {word: n for word, n in counts.items() if n}, *failure)
            except RedisError:
                tally.put_back(source, counts, failure)
                raise

    async def count(self, name: str, counts: Mapping[str, int]) -> None:
        """Add to the buckets of something that is no source."""
        await self._add(name, counts, "", "")

    async def _add(self, source: str, told: Mapping[str, int], reason: str, message: str) -> None:
        own = Counted(told)
        await self.scripts.run(
            "answered",
            pairs(told),
            last=self.names.answers(source) + "last",
            prefix=self.names.answers(source),
            minutes=KEEP_MINUTES,
            hours=KEEP_HOURS,
            answered=int(own.answered > own.from_cache),
            reason=reason,
            message=message,
        )

    async def heard(self, sources: Sequence[str]) -> dict[str, Heard]:
        """What was heard of each source."""
        seconds, _ = await self.scripts.call("TIME")
        minute, hour = int(seconds) // 60, int(seconds) // 3600
        names = [*(f"m{minute - back}" for back in range(LATELY)), *(f"h{hour - back}" for back in range(24))]
        pipe = self.scripts.client.pipeline(transaction=False)
        for source in sources:
            for name in (*names, "last"):
                pipe.hgetall(self.names.answers(source) + name)
        rows = [{text(k): v for k, v in table(reply).items()} for reply in await pipe.execute()]
        step = len(names) + 1
        return {source: _heard(rows[i * step : (i + 1) * step]) for i, source in enumerate(sources)}

    async def by_hour(self, names: Sequence[str], hours: int) -> dict[str, list[Counted]]:
        """What was counted hour by hour, of at most `KEEP_HOURS`, the newest first."""
        seconds, _ = await self.scripts.call("TIME")
        newest = int(seconds) // 3600
        pipe = self.scripts.client.pipeline(transaction=False)
        for name in names:
            for back in range(hours):
                pipe.hgetall(f"{self.names.answers(name)}h{newest - back}")
        rows = [_counted({text(k): v for k, v in table(reply).items()}) for reply in await pipe.execute()]
        return {name: rows[i * hours : (i + 1) * hours] for i, name in enumerate(names)}


def _counted(row: Mapping[str, bytes]) -> Counted:
    return Counted({name: int(value) for name, value in row.items()})


def _heard(rows: Sequence[Mapping[str, bytes]]) -> Heard:
    *buckets, last = rows
    counted = [_counted(row) for row in buckets]
    return Heard(
        counted[:LATELY],
        sum(counted[LATELY:], Counted()),
        float(last.get("ok_at", 0)),
        float(last.get("failed_at", 0)),
        text(last.get("reason", b"")),
        text(last.get("message", b"")),
    )


def _is_time(name: str) -> bool:
    return name.startswith(_TIME) and name[1:].isdigit()
