"""Records inside a program: no server to set up, no worker to start.

uv run python examples/library.py "Cowboy Bebop" "K-On!"              # asks the real sites
uv run python examples/library.py --offline "Cowboy Bebop" "K-On!"    # plays them on this machine
"""

import asyncio
import sys

from streams import Enricher


async def main(titles: list[str], *, play: bool) -> None:
    """Print what is known of each title, and who said so."""
    async with Enricher(play=play) as enricher:
        for found in await enricher.enrich_all(titles):
            print(found.status, found.anime_id or "-", found.title or "")
            if found.record:
                for field in ("type", "episode_count", "score"):
                    said = found.record.provenance.get(field)
                    print(" ", field, getattr(found.record, field), "by", said.source if said else "nobody")
            for work in found.candidates:
                print("  may be", work.title, *sorted(work.ids.items()))


if __name__ == "__main__":
    words = sys.argv[1:]
    asyncio.run(main([one for one in words if one != "--offline"], play="--offline" in words))
