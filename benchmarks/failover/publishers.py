"""Those who publish, whatever happens to the server, and write down what was acknowledged and when."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from redis.exceptions import RedisError

STREAM = "{anime}:requests"
COUNT = 4
_PAUSE_S, _PATIENCE_S = 0.02, 60.0
_BETWEEN_S = 0.0005
"""So that the publishers leave processors to the servers."""


class Publishers:
    """Four threads, each with a client of its own, which publish one request after the other until the end of the ``with``.

    ``confirm`` is a command that is sent behind each XADD in the same pipeline, so that it speaks of what its own connection
    wrote: how many have it (WAIT), or whether it is on the disk here and on how many replicas (WAITAOF).
    """

    def __init__(self, client: Callable[[], Any], confirm: tuple[object, ...] = ()) -> None:
        self.client, self.confirm = client, confirm
        self.acknowledged: dict[str, float] = {}
        self._last = [0.0] * COUNT
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._publish, args=(n,)) for n in range(COUNT)]

    def __enter__(self) -> Self:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for one in self._threads:
            one.join()

    def go_on(self) -> None:
        """Wait until each has had an acknowledgement from now on."""
        now = time.monotonic()
        until = now + _PATIENCE_S
        while min(self._last) <= now:
            assert time.monotonic() < until, (
                "a publisher does not find the server that took the place of its own"
            )
            time.sleep(_PAUSE_S)

    def away(self, since: float) -> float:
        """The longest time without an acknowledgement for anybody from then on, in seconds."""
        times = sorted([since, *(at for at in self.acknowledged.values() if at > since)])
        return max((late - early for early, late in itertools.pairwise(times)), default=0.0)

    def _publish(self, number: int) -> None:
        client, count = self.client(), 0
        while not self._ended.is_set():
            request, count = f"{number}-{count}", count + 1
            time.sleep(_BETWEEN_S)
            try:
                if self._is_acknowledged(client, request):
                    self.acknowledged[request] = self._last[number] = time.monotonic()
            except (RedisError, OSError):
                time.sleep(_PAUSE_S)
        client.close()

    def _is_acknowledged(self, client: Any, request: str) -> bool:
        fields = {"request_id": request, "title": "Loopback Show"}
        if not self.confirm:
            return bool(client.xadd(STREAM, fields))
        both = client.pipeline(transaction=False)
        both.xadd(STREAM, fields)
        both.execute_command(*self.confirm)
        _, copies = both.execute()
        return bool(copies[0] if isinstance(copies, list) else copies)
