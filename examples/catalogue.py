"""Every record and then every change, inside a Python program that has anime-enrich installed; talks to Redis alone.

uv run python examples/catalogue.py           # begins with everything; REDIS_URL says where
uv run python examples/catalogue.py 10        # ends after ten records
"""

import asyncio
import json
import sys

from streams.client.catalogue import Catalogue
from streams.client.session import open_client
from streams.config.settings import Settings
from streams.contract.profiles import Part


async def main(most: float) -> None:
    """One line a record. A program that keeps `catalogue.resume` with its data goes on there when it starts again."""
    async with open_client(Settings.load()) as session:
        catalogue = Catalogue(session.client.redis, session.client.names, part=Part.of("slim"))
        async for one in catalogue.follow():
            print(
                one.why or "known",
                one.anime_id,
                one.revision,
                json.loads(one.record).get("title"),
                flush=True,
            )
            most -= 1
            if most <= 0:
                return


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")))
