"""A small index for search by meaning that embeds a work again only when its search text has moved; needs redis-py alone.

    pip install redis
    REDIS_URL=redis://localhost:6379 python vector_index.py "bounty hunters in space"

Reads all outputs that are new since its last run, with a group of its own, then answers the question. `embed` is a
stand-in that needs no model: it counts pieces of words. Put your model's call in its place.
"""

import json
import math
import os
import sqlite3
import sys
import zlib
from array import array

import redis

PREFIX = os.environ.get("STREAM_PREFIX", "anime")
OUTPUT, GROUP = f"{PREFIX}:enriched", "vector-index"
INDEX = os.environ.get("INDEX_FILE", "index.sqlite")
SIZE = 512


def embed(text):
    """A vector of length 1; texts that share pieces of words lie near each other."""
    vector = [0.0] * SIZE
    for word in text.casefold().split():
        for start in range(max(1, len(word) - 2)):
            vector[zlib.crc32(word[start : start + 3].encode()) % SIZE] += 1.0
    length = math.hypot(*vector) or 1.0
    return array("f", (one / length for one in vector))


def update(client, index):
    """Take in what is new; returns how many works were embedded, and how many had nothing to embed anew."""
    try:
        client.xgroup_create(OUTPUT, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):  # the group is there already: go on where it stands
            raise
    embedded = unmoved = 0
    for start in ("0", ">"):  # first what an earlier run read and did not finish
        while entries := read(client, start):
            for entry, fields in entries:
                moved = take_in(index, fields)
                index.commit()
                client.xack(OUTPUT, GROUP, entry)
                embedded, unmoved = embedded + moved, unmoved + (not moved)
    return embedded, unmoved


def read(client, start):
    """The next entries of our group; nothing when we have them all."""
    found = client.xreadgroup(GROUP, "one", {OUTPUT: start}, count=50)
    return found[0][1] if found else []


def take_in(index, fields):
    """Embed one output's record, unless we have this very text; entries are read in order, so the last one wins."""
    record = json.loads(fields["data"]) if fields else {}  # an entry that was cut meanwhile has no fields
    text, moved = record.get("search_text"), record.get("search_text_hash")
    known = index.execute("SELECT hash FROM works WHERE id = ?", [record.get("anime_id")]).fetchone()
    if not text or (known and known[0] == moved):
        return False
    row = (record["anime_id"], record["title"], moved, embed(text).tobytes())
    index.execute("INSERT OR REPLACE INTO works VALUES (?, ?, ?, ?)", row)
    return True


def nearest(index, words, most=3):
    """The works whose texts are nearest to some words, best first, each with its likeness."""
    asked = embed(words)
    scored = (
        (sum(a * b for a, b in zip(asked, array("f", vector), strict=True)), title, anime)
        for anime, title, vector in index.execute("SELECT id, title, vector FROM works")
    )
    return sorted(scored, reverse=True)[:most]


def main(words):
    """Update the index, then print what is near to the words."""
    url = os.environ.get("REDIS_URL", "redis://localhost:6379")
    client = redis.Redis.from_url(url, decode_responses=True, socket_timeout=30)
    index = sqlite3.connect(INDEX)
    index.execute(
        "CREATE TABLE IF NOT EXISTS works (id TEXT PRIMARY KEY, title TEXT, hash TEXT, vector BLOB)"
    )
    embedded, unmoved = update(client, index)
    print(f"{embedded} embedded, {unmoved} with nothing new to embed")
    for likeness, title, anime in nearest(index, " ".join(words)) if words else ():
        print(f"{likeness:.2f} {anime} {title}")


if __name__ == "__main__":
    main(sys.argv[1:])
