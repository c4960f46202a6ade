"""Commands beside a running service: publish, follow, look, repair."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from benchmarks.support.replies import entries
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.keys import Topology
from streams.cli.exit_codes import Exit
from tests.support.command_line import Program

pytest_plugins = ["tests.support.serving"]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_publish_waits_for_every_output_and_sums_up(serving: Program) -> None:
    done = await serving.arun("publish", "Cowboy Bebop", "Fruits Basket", "Zzyzx Quuxbar")
    assert done.code == Exit.OK, done.err
    ended = {line.split()[0] for line in done.out.splitlines()}
    assert ended == {"complete", "ambiguous", "not_found"}
    assert "3 of 3 done" in done.err.splitlines()[-1]


async def test_one_title_ends_with_the_exit_code_of_its_status(serving: Program) -> None:
    assert (await serving.arun("publish", "Zzyzx Quuxbar")).code == Exit.NOT_FOUND
    assert (
        await serving.arun("publish", "Fruits Basket", "--priority", "interactive")
    ).code == Exit.AMBIGUOUS


async def test_a_file_of_requests_is_continued_not_repeated(
    serving: Program, tmp_path: Path, redis: Redis
) -> None:
    file = tmp_path / "titles.jsonl"
    file.write_text(
        '\ufeff# mine\n{"title": "Fruits Basket", "year": 2019}\nK-On!\n\n"Shelter"\n', encoding="utf-8"
    )
    first = await serving.arun("publish", "--from", "titles.jsonl", "--json")
    assert (first.code, len(lines(first.out))) == (Exit.OK, 3), first.err
    assert {one["anime_id"] for one in lines(first.out)} >= {"mal:38680", "mal:5680"}
    again = await serving.arun("publish", "--from", "titles.jsonl", "--json")
    assert {one["entry"] for one in lines(again.out)} == {one["entry"] for one in lines(first.out)}
    assert await redis.xlen(f"{serving.prefix}:enriched") == 3
    anew = await serving.arun("publish", "--from", "titles.jsonl", "--again", "--no-wait")
    assert len(anew.out.splitlines()) == 3


async def test_a_file_with_a_bad_line_publishes_nothing_and_names_the_line(
    serving: Program, redis: Redis
) -> None:
    stdin = '{"title": "K-On!"}\n{"title": "K-On!", "only": ["kitus"]}\n{"titel": "K-On!!"}\n{broken\n'
    done = await serving.arun("publish", "--from", "-", stdin=stdin)
    assert done.code == Exit.USAGE
    assert "line 2" in done.err
    assert "did you mean kitsu" in done.err
    assert "line 3" in done.err
    assert "line 4" in done.err
    assert await redis.xlen(f"{serving.prefix}:requests") == 0


async def test_publish_without_a_worker_says_so_and_loses_nothing(serving: Program, redis: Redis) -> None:
    done = await serving.arun("publish", "K-On!", "--no-wait", STREAM_PREFIX=f"{serving.prefix}x")
    assert done.code == Exit.OK
    assert "anime-enrich up" in done.err
    assert await redis.xlen(f"{serving.prefix}x:requests") == 1


async def test_a_request_is_followed_to_its_output(serving: Program) -> None:
    published = await serving.arun("publish", "Cowboy Bebop", "--no-wait", "--json")
    (request,) = lines(published.out)
    done = await serving.arun("watch", str(request["request_id"]))
    assert done.code == Exit.OK, done.err
    assert "mal:1 · complete" in done.out
    unknown = await serving.arun("watch", "nobody")
    assert (unknown.code, "anime-enrich tail" in unknown.err) == (Exit.NOT_FOUND, True)


async def test_watch_shows_the_fleet_once_or_as_data(serving: Program) -> None:
    done = await serving.arun("watch", "--once")
    assert done.code == Exit.OK
    assert "identify" in done.out
    (seen,) = lines((await serving.arun("watch", "--once", "--json")).out)
    assert {one["group"] for one in seen["status"]["groups"]} >= {"identify", "kitsu", "aggregate"}


async def test_watch_in_a_pipe_tells_changes_only(serving: Program) -> None:
    watching = asyncio.create_task(serving.arun("watch", "--interval", "0.2", seconds=10))
    titles = itertools.cycle(("Cowboy Bebop", "K-On!", "Shelter", "Fruits Basket"))
    while not watching.done():  # on a busy machine it is long before the program looks at all
        await serving.ask(title=next(titles))
        await asyncio.sleep(0.5)
    with pytest.raises(subprocess.TimeoutExpired) as ended:
        pytest.fail(f"it ended by itself: {await watching}")
    told = (ended.value.stdout or b"").decode().splitlines()
    states = [line.split("  ", 1)[1] for line in told]
    assert len(states) > 1
    assert all(" open" in state for state in states)
    assert all(before != after for before, after in itertools.pairwise(states))


async def test_the_output_is_followed_a_line_an_entry(serving: Program) -> None:
    await serving.ask(title="Cowboy Bebop")
    await serving.ask(title="Fruits Basket")
    done = await serving.arun("tail", "--no-follow")
    assert [line.split()[1] for line in done.out.splitlines()] == ["complete", "ambiguous"]
    (last,) = lines((await serving.arun("tail", "--no-follow", "--last", "1", "--json")).out)
    assert (last["status"], last["revision"], type(last["data"])) == ("ambiguous", 0, dict)


async def test_a_record_is_explained_by_title_by_any_id_and_by_request(serving: Program) -> None:
    fields = await serving.ask(title="Cowboy Bebop")
    for what in ("cowboy bebop", "カウボーイビバップ", "mal:1", "anidb:23", fields["request_id"]):
        done = await serving.arun("explain", what)
        assert done.code == Exit.OK, (what, done.err)
        assert "Cowboy Bebop" in done.out.splitlines()[0]
    told = json.loads((await serving.arun("explain", "mal:1", "--field", "type", "--json")).out)
    assert [row["path"] for row in told["rows"]] == ["type"]


async def test_a_request_without_a_record_is_explained_by_where_it_stands(serving: Program) -> None:
    fields = await serving.ask(title="Fruits Basket")
    done = await serving.arun("explain", fields["request_id"], "--json")
    told = json.loads(done.out)
    assert (told["phase"], told["verdict"], told["then"]) == ("final", "ambiguous", "it has ended")
    shown = (await serving.arun("explain", fields["request_id"])).out
    assert "verdict: ambiguous" in shown


async def test_of_two_records_of_one_title_the_newest_is_shown_and_the_other_named(serving: Program) -> None:
    for number in ("120", "38680"):
        assert (await serving.ask(ids=json.dumps({"mal": number})))["status"] == "complete"
    done = await serving.arun("explain", "fruits basket")
    assert (done.code, done.err) == (
        Exit.OK,
        "the newest of 2 records of this title; also: mal:120 (TV, 2001)\n",
    )
    assert "2019" in done.out


async def test_a_record_that_is_not_there_names_what_comes_near(serving: Program) -> None:
    await serving.ask(title="Cowboy Bebop")
    done = await serving.arun("explain", "Cowboy Bepop 2")
    assert (done.code, "did you mean 'Cowboy Bebop'" in done.err) == (Exit.NOT_FOUND, True), done.err
    done = await serving.arun("explain", "mal:21")
    assert (done.code, "make it: anime-enrich --id mal=21" in done.err) == (Exit.NOT_FOUND, True), done.err
    done = await serving.arun("explain", "mal:1", "--field", "episode_cuont")
    assert (done.code, "did you mean episode_count" in done.err) == (Exit.NOT_FOUND, True)


async def test_status_shows_limits_and_what_waits(serving: Program) -> None:
    await serving.ask(title="Cowboy Bebop")
    done = await serving.arun("status")
    assert "0 open" in done.out
    seen = json.loads((await serving.arun("status", "--json")).out)
    assert seen["status"]["records"] == 1
    assert {one["source"] for one in seen["status"]["sources"]} >= {"kitsu", "anidb"}


async def test_doctor_says_what_is_missing_and_the_next_step(serving: Program) -> None:
    done = await serving.arun("doctor", "--json", ANIDB_CLIENT="", POLICY_FILE="nowhere.toml")
    found = {one["subject"]: one for one in json.loads(done.out)}
    assert done.code == Exit.FAILED
    assert found["policy file"]["state"] == "fault"
    assert "ANIDB_CLIENT" in found["anidb"]["found"]
    assert found["kitsu"]["state"] == "ok"
    assert found["server"]["state"] == "ok"
    assert found["fleet"]["found"] == "all is well"
    assert (await serving.arun("doctor")).code == Exit.OK


async def test_doctor_finds_a_server_that_is_not_there(serving: Program) -> None:
    done = await serving.arun("doctor", REDIS_URL="redis://user:hunter2@127.0.0.1:1/0")
    assert done.code == Exit.FAILED
    assert "✕  server" in done.out
    assert "next step: start it" in done.out
    assert "hunter2" not in done.out + done.err


async def test_doctor_warns_of_a_site_out_of_reach_and_of_a_ban(serving: Program, world: World) -> None:
    world.fault("anidb", "ban")
    await serving.ask(title="Cowboy Bebop")
    done = await serving.arun("doctor", "--json", KITSU_BASE_URL="http://127.0.0.1:1")
    found = {one["subject"]: one for one in json.loads(done.out)}
    assert "left alone" in found["anidb"]["found"]
    assert (found["kitsu"]["state"], "KITSU_BASE_URL" in found["kitsu"]["next_step"]) == ("warning", True)
    assert done.code == Exit.OK


async def test_dead_letters_are_listed_shown_replayed_and_dropped(serving: Program) -> None:
    await serving.ask(title="K-On!", only="kitus")
    await serving.ask(data="{broken")
    listed = lines((await serving.arun("dead", "list", "--json")).out)
    assert {one["reason"] for one in listed} == {"bad_request"}
    (entry,) = [str(one["entry"]) for one in listed if "kitus" in str(one["message"])]
    shown = await serving.arun("dead", "show", entry)
    assert "did you mean kitsu" in shown.out
    assert f"anime-enrich dead drop {entry}" in shown.out
    assert (await serving.arun("dead", "drop", entry)).out == "1 dead letters dropped\n"
    assert (await serving.arun("dead", "show", entry)).code == Exit.NOT_FOUND
    replayed = await serving.arun("dead", "replay", "--all")
    assert "1 of 1 put in again" in replayed.out
    assert "no dead letters" not in (await serving.arun("dead", "list")).out


async def test_a_source_is_asked_again_and_the_change_is_a_revision(
    serving: Program, world: World, redis: Redis
) -> None:
    world.fault("kitsu", "error")
    fields = await serving.ask(title="Cowboy Bebop")
    assert fields["status"] == "partial"
    world.fault("kitsu", None)
    done = await serving.arun("replay", "--source", "kitsu", "--since", "1h", "--json")
    assert json.loads(done.out)["asked"] == 1, done.err
    async with asyncio.timeout(20):
        while await redis.xlen(f"{serving.prefix}:enriched") < 2:
            await asyncio.sleep(0.05)
    assert "revision 2" in (await serving.arun("tail", "--no-follow", "--last", "1")).out


async def test_the_cache_is_weighed_and_cleared_beside_the_streams(serving: Program, redis: Redis) -> None:
    await serving.ask(title="Cowboy Bebop")
    usage = {
        (one["source"], one["kind"]): one
        for one in json.loads((await serving.arun("cache", "stats", "--json")).out)
    }
    assert usage["kitsu", "http"]["entries"] > 0
    assert "kitsu" in (await serving.arun("cache", "stats")).out
    old = await serving.arun("cache", "clear", "--source", "kitsu", "--older-than", "1h", "--json")
    assert json.loads(old.out) == {"cleared": 0}
    done = await serving.arun("cache", "clear", "--source", "kitsu", "--kind", "http", "--json")
    assert json.loads(done.out)["cleared"] > 0
    assert await redis.xlen(f"{serving.prefix}:enriched") == 1


@pytest.mark.parametrize("words", [["watch"], ["publish", "K-On!"]], ids=" ".join)
async def test_ctrl_c_ends_a_waiting_command_without_a_traceback(serving: Program, words: list[str]) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "streams",
        *words,
        stdout=pipe,
        stderr=asyncio.subprocess.STDOUT,
        env=serving.variables(STREAM_PREFIX=f"{serving.prefix}x"),
    )
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readline(), 60)
    process.send_signal(signal.SIGINT)
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == Exit.INTERRUPTED
    assert "Traceback" not in out.decode()


async def test_what_is_piped_on_reaches_the_pipe_while_the_terminal_shows_progress(serving: Program) -> None:
    terminal, end = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams", "publish", "Cowboy Bebop", "Shelter", "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=end,
        env=serving.variables(TERM="xterm"),
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    os.close(end)
    os.close(terminal)
    assert process.returncode == Exit.OK
    assert {one["title"] for one in lines(out.decode())} == {"Cowboy Bebop", "Shelter"}


async def test_publish_waits_for_a_server_that_comes_back(tmp_path: Path, prefix: str) -> None:
    with Server(tmp_path) as server:
        names = Topology(prefix)
        variables = {"REDIS_URL": server.url, "STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path)}
        program = Program(variables, tmp_path)
        published = asyncio.create_task(program.arun("publish", "K-On!", "--json"))
        client = Redis.from_url(server.url, retry=Retry(NoBackoff(), 0))
        async with asyncio.timeout(60):
            while await client.pubsub_numsub(names.progress) != [(names.progress.encode(), 1)]:
                await asyncio.sleep(0.1)
        (request,) = (await entries(client, names.requests)).values()
        server.kill()
        await asyncio.sleep(1)
        server.start()
        await client.aclose()
        client = Redis.from_url(server.url)
        state = names.state(json.loads(request["data"])["request_id"])
        await client.hset(
            state, mapping={"done": "1-0", "status": "complete", "anime_id": "mal:5680", "revision": 1}
        )
        done = await asyncio.wait_for(published, 60)
        await client.aclose()
    assert done.code == Exit.OK, done.err
    (ended,) = lines(done.out)
    assert (ended["anime_id"], ended["status"]) == ("mal:5680", "complete")


async def test_reliability_shows_what_was_counted(serving: Program, redis: Redis) -> None:
    assert "nothing was counted yet" in (await serving.arun("reliability")).out
    await serving.arun("publish", "Cowboy Bebop")
    done = await serving.arun("reliability", "--json")
    told = json.loads(done.out)
    assert (done.code, told["version"]) == (Exit.OK, "0")
    agreed = {cell["source"] for cell in told["cells"] if cell["field"] == "type" and cell["agreement"] == 1}
    assert {"jikan", "anilist"} <= agreed
