"""Publish titles and read every output with FastStream, with a group of our own, at least once.

    REDIS_URL=redis://localhost:6379 python faststream_consumer.py "Cowboy Bebop" "One Piece"

or, as a service that reads for ever: faststream run faststream_consumer:app

A worker must be running: anime-enrich up

What is easy to get wrong with FastStream's StreamSub, and how it is avoided here (FastStream 0.7):

- it creates a group behind what is on the stream already: `router.prepare` creates it at the beginning, before the start;
- last_id="0" with a group reads only what this consumer left unacknowledged once it is started again, in a hot loop:
  last_id is left alone;
- without max_records one consumer takes the whole backlog: the router reads 100 at a time;
- it acknowledges when the handler returns; what a handler that raised or a process that died leaves is never delivered
  again by itself: the router has a second subscriber (min_idle_time) for that, so a handler must bear a second delivery;
- it pauses 5 s after any error of the server, a polling_interval above the socket's time-out included: the router's is 1 s;
- it ends for good, with exit code 0, when the group is gone (NOGROUP, a FLUSHALL): let what supervises the process start it
  again whatever the code (systemd Restart=always, a Deployment); `prepare` makes the group anew.
"""

import asyncio
import logging
import os
import sys

from faststream import FastStream
from faststream.redis import RedisBroker

from streams.client.faststream import AnimeRouter, EnrichedTitle, TitleRequest

router = AnimeRouter(os.environ.get("STREAM_PREFIX", "anime"))
broker = RedisBroker(
    os.environ.get("REDIS_URL", "redis://localhost:6379"), logger=logging.getLogger(__name__)
)
broker.include_router(router)
app = FastStream(broker, logger=None)
waiting: set[str] = set()
"""Requests without their final output; a program that reads for ever has none."""


@app.on_startup
async def create_groups() -> None:
    """Before FastStream would."""
    await router.prepare(broker)


@app.after_startup
async def publish() -> None:
    """The titles of the command line."""
    for title in sys.argv[1:] if __name__ == "__main__" else []:
        request = TitleRequest(title=title, request_id=os.urandom(8).hex())
        waiting.add(str(request.request_id))
        await router.requests.publish(request)


@router.enriched("faststream-example")
async def show(titles: list[EnrichedTitle]) -> None:
    """One line an output; the batch is acknowledged when this returns."""
    for one in titles:
        told = ", ".join(work.title for work in one.candidates) or one.record.title
        print(one.status, one.anime_id or "-", told, flush=True)
    ours = {one.request_id for one in titles if one.final} & waiting
    waiting.difference_update(ours)
    if ours and not waiting:
        app.exit()


if __name__ == "__main__":
    asyncio.run(app.run())
