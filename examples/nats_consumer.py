"""Read what the relay brought to NATS, with a durable consumer of our own; needs nats-py and nothing of anime-enrich.

    pip install nats-py
    NATS_URL=nats://localhost:4222 python nats_consumer.py

Prints what is new since its last run, and ends. The relay must have run: anime-enrich relay nats://localhost:4222
"""

import asyncio
import json
import os

import nats

PREFIX = os.environ.get("STREAM_PREFIX", "anime")
ONE_SITE = f"{PREFIX}.enriched.mal.*"  # works named by their MyAnimeList id; `{PREFIX}.enriched.>` are all


async def main():
    """One line an output; each is acknowledged when it is done with."""
    client = await nats.connect(os.environ.get("NATS_URL", "nats://localhost:4222"))
    reading = await client.jetstream().pull_subscribe(ONE_SITE, durable="example")
    while True:
        try:
            messages = await reading.fetch(50, timeout=2)
        except nats.errors.TimeoutError:
            break
        for message in messages:
            output = json.loads(message.data)
            print(output["output_id"], output["status"], output["record"]["title"], flush=True)
            await message.ack()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main())
