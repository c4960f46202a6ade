"""How many titles have each word: ``python -m benchmarks.identity.word_counts DUMP VERSION > streams/matching/words.tsv``.

``DUMP`` is AniDB's list of titles, packed or not. Titles that differ in spelling alone count once, and only those in Latin
letters; a word that fewer than `LEAST` titles have is left out.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from sources.anidb.dump import read_dump
from streams.matching.rarity import LEAST, words_of
from streams.text.normalization import form


def counted(dump: bytes) -> tuple[int, Counter[str]]:
    """The number of titles, and of those with each word."""
    counts, seen = Counter[str](), set[tuple[str, ...]]()
    for listed in read_dump(dump):
        for title in listed.titles:
            read = form(title.text)
            words = words_of(read)
            if read.written.isascii() and words not in seen:
                seen.add(words)
                counts.update(set(words))
    return len(seen), counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump", type=Path)
    parser.add_argument("version", help="what was counted, and of when")
    given = parser.parse_args()
    titles, counts = counted(given.dump.read_bytes())
    sys.stdout.write(f"# {given.version}\t{titles}\n")
    for word, count in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        if count >= LEAST:
            sys.stdout.write(f"{word}\t{count}\n")


if __name__ == "__main__":
    main()
