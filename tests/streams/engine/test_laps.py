"""What somebody watches goes on in every lap of the loop, however much is ready beside it."""

from __future__ import annotations

import asyncio

from streams.engine.laps import Laps


async def test_of_what_nobody_watches_one_heavy_piece_is_done_in_a_lap() -> None:
    laps, done = Laps(), list[str]()

    async def heavy(name: str) -> None:
        await laps.mine(watched=False)
        done.append(name)

    async def watched() -> None:
        for _ in range(3):
            await laps.mine(watched=True)
            done.append("watched")
            await asyncio.sleep(0)

    await asyncio.gather(*(heavy(name) for name in "abcdef"), watched())
    assert [one for one in done if one != "watched"] == list("abcdef")
    between = "".join(" " if one == "watched" else one for one in done).split(" ")
    assert all(len(pieces) <= 1 for pieces in between[:-1])


async def test_who_gives_up_lets_the_next_one_go_on() -> None:
    laps = Laps()
    tasks = [asyncio.create_task(laps.mine(watched=False)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()
    await asyncio.wait_for(tasks[2], 5)
    assert [one.cancelled() for one in tasks] == [True, True, False]
