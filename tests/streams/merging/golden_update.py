"""Rewrites ``tests/golden/*.json`` from the played sites: ``python -m tests.streams.merging.golden_update``. Review the difference by eye."""

from __future__ import annotations

import asyncio

from tests.streams.merging.golden_world import GOLDEN, gather, merged, written


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name, partials in asyncio.run(gather()).items():
        path = GOLDEN / f"{name}.json"
        text = written(merged(partials))
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(f"rewrote {path.name}")


if __name__ == "__main__":
    main()
