"""One process of the fleet: asks the limiter for turns and writes down when it got them.

Arguments: address of Redis, priority, tasks, turns per task, windows as ``permits/seconds``...
"""

import asyncio
import sys
import time

from redis.asyncio import Redis

from cache.limits.fleet import FleetLimiter
from cache.limits.limiter import PRIORITIES, Priority
from cache.rules import Rate


async def main(url: str, priority: Priority, tasks: int, turns: int, *windows: str) -> None:
    rates = [Rate(int(p), float(s)) for p, s in (window.split("/") for window in windows)]
    async with Redis.from_url(url) as redis:
        limiter = FleetLimiter(redis)

        async def take() -> None:
            for _ in range(turns):
                await limiter.acquire("site", rates, priority)
                print(f"{time.time():.6f} {priority}", flush=True)

        await asyncio.gather(*(take() for _ in range(tasks)))


if __name__ == "__main__":
    priority = PRIORITIES[PRIORITIES.index(sys.argv[2])]
    asyncio.run(main(sys.argv[1], priority, int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:]))
