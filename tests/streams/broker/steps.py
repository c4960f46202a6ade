"""Runs the scripts of the broker one at a time, and looks at what each has written."""

from __future__ import annotations

from typing import Any

from redis import Redis

from benchmarks.orders.steps import RealSteps, at_once

GROUP, WORKER = "g", "w"
DAY_MS = 86_400_000


class Step:
    """Runs scripts on keys of its own."""

    def __init__(self, client: Redis, prefix: str) -> None:
        self.client, self.prefix = client, prefix
        self.steps = RealSteps(client)

    def key(self, name: str) -> str:
        return f"{self.prefix}:{name}"

    def run(self, name: str, *rest: Any, **values: Any) -> Any:
        """A script; keys are given by name alone. The server's time around it (ms) is kept in ``between``."""
        before = self.now()
        answer = at_once(self.steps.run(name, rest, **values))
        self.between = before, self.now()
        return answer

    def keys(self, *names: str) -> dict[str, str]:
        return {name: self.key(name) for name in names}

    def now(self) -> int:
        seconds, micros = self.client.time()
        return seconds * 1000 + micros // 1000

    def is_at(self, moment: Any, after_ms: int = 0) -> bool:
        return self.between[0] + after_ms <= float(moment) <= self.between[1] + after_ms

    def held(self, stream: str = "stream", **fields: str) -> str:
        """An entry that a worker has read and not acknowledged."""
        key = self.key(stream)
        values: dict[Any, Any] = {"x": "y", **fields}
        entry = self.client.xadd(key, values)
        if not [one for one in self.client.xinfo_groups(key) if one["name"] == GROUP.encode()]:
            self.client.xgroup_create(key, GROUP, "0")
        self.client.xreadgroup(GROUP, WORKER, {key: ">"})
        return text(entry)

    def pending(self, stream: str = "stream") -> int:
        return int(self.client.xpending(self.key(stream), GROUP)["pending"])

    def state(self, **fields: str | int) -> None:
        self.client.hset(
            self.key("state"), mapping={name.replace("__", ":"): value for name, value in fields.items()}
        )

    def fields(self, name: str = "state") -> dict[str, str]:
        found: Any = self.client.hgetall(self.key(name))
        return {text(name): text(value) for name, value in found.items()}

    def fields_raw(self, name: str) -> dict[bytes, bytes]:
        found: Any = self.client.hgetall(self.key(name))
        return dict(found)

    def entries(self, name: str) -> list[dict[str, str]]:
        found: Any = self.client.xrange(self.key(name))
        return [{text(one): text(value) for one, value in fields.items()} for _, fields in found]

    def members(self, name: str) -> dict[str, float]:
        found: Any = self.client.zrange(self.key(name), 0, -1, withscores=True)
        return {text(member): value for member, value in found}

    def first_id(self, name: str) -> str:
        found: Any = self.client.xrange(self.key(name))
        return text(found[0][0])


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
