"""Publish titles and read every output with a group of our own; needs redis-py and nothing of anime-enrich.

    pip install redis
    REDIS_URL=redis://localhost:6379 python python_redis.py "Cowboy Bebop" "One Piece"

A worker must be running: anime-enrich up
"""

import json
import os
import sys
import time

import redis

PREFIX = os.environ.get("STREAM_PREFIX", "anime")
OUTPUT, GROUP, CONSUMER = f"{PREFIX}:enriched", "example", "one"
WAIT_SECONDS = 120


def main(titles):
    """Print one line a title; exit 1 when an output does not come."""
    client = redis.Redis.from_url(
        os.environ.get("REDIS_URL", "redis://localhost:6379"), decode_responses=True, socket_timeout=30
    )
    try:
        client.xgroup_create(OUTPUT, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):  # the group is there already: go on where it stands
            raise

    waiting = {client.xadd(f"{PREFIX}:requests", {"title": title}): title for title in titles}
    deadline = time.monotonic() + WAIT_SECONDS
    while waiting and time.monotonic() < deadline:
        found = client.xreadgroup(GROUP, CONSUMER, {OUTPUT: ">"}, count=10, block=2000)
        for _, entries in found or []:
            for entry, fields in entries:
                show(fields)
                if fields["final"] == "true":
                    waiting.pop(fields["request_id"], None)
                client.xack(OUTPUT, GROUP, entry)
    return 1 if waiting else 0


def show(fields):
    """One output: a record, or why there is none."""
    data = json.loads(fields["data"])
    if fields["status"] in {"complete", "partial"}:
        asked = data["completeness"]
        said_by = data["provenance"]["title"]["source"]
        told = f"{data['title']} ({data.get('year')}), {len(asked['answered'])} sources, named by {said_by}"
    elif fields["status"] == "ambiguous":
        told = "one of: " + ", ".join(one["title"] for one in data["candidates"])
    else:
        told = data.get("message", "")
    print(fields["status"], fields["anime_id"] or "-", told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["Cowboy Bebop"]))
