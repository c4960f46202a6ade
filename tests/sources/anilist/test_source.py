"""What AniList says, asks and refuses."""

import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import graphql
import pytest

from cache.rules import Reply
from sources.anilist import Anilist, documents, parse, parse_page, parse_search
from sources.base import Query, SourceContext
from sources.demo.world import World
from sources.errors import NotAnEntry, SourceError
from sources.http import Http

SCHEMA = Path(__file__).parent / "schema_used.graphql"
WHOLE_SCHEMA = Path(__file__).parents[4] / "shared" / "upstream" / "specs" / "anilist.graphqls"


def answer(**media: Any) -> bytes:
    return json.dumps({"data": {"Media": {"id": 7, "title": {"romaji": "Minato"}, **media}}}).encode()


def reply(status: int, body: bytes | dict[str, Any], **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply("POST", Anilist.base_url, status, {k.replace("_", "-"): v for k, v in headers.items()}, raw)


def refused(status: int, body: bytes | dict[str, Any], **headers: str) -> str | None:
    refusal = Anilist.refuse(reply(status, body, **headers))
    return refusal.reason if refusal else None


def errors(status: int, message: str, data: Any = None) -> dict[str, Any]:
    return {"errors": [{"message": message, "status": status}], "data": data}


@pytest.mark.parametrize("name", ["SEARCH", "CORE", "CORE_BY_MAL", "PAGES", "SEASON", "CHANGES"])
def test_every_query_fits_the_part_of_the_schema_that_we_use(name: str) -> None:
    schema = graphql.build_schema(SCHEMA.read_text(encoding="utf-8"))
    assert graphql.validate(schema, graphql.parse(getattr(documents, name))) == []


@pytest.mark.skipif(not WHOLE_SCHEMA.is_file(), reason="the site's own schema is not here")
def test_the_part_of_the_schema_that_we_use_is_the_site_s() -> None:
    ours, theirs = (graphql.build_schema(path.read_text(encoding="utf-8")) for path in (SCHEMA, WHOLE_SCHEMA))
    found = graphql.find_breaking_changes(ours, theirs)
    assert [change for change in found if not change.type.name.startswith("DIRECTIVE")] == []


def test_a_fuzzy_date_is_never_padded() -> None:
    dates = [
        {"year": 2027, "month": 4, "day": None},
        {"year": 2027, "month": None, "day": 3},
        {"year": None, "month": 4, "day": 3},
    ]
    assert [parse(answer(startDate=date)).start_date for date in dates] == ["2027-04", "2027", None]


def test_spoilers_and_markup_leave_the_description() -> None:
    spoilers = ("~!The keeper did it.!~", "<span class='markdown_spoiler'><span>He did.</span></span>")
    for spoiler in spoilers:
        synopsis = parse(answer(description=f"A <i>harbour</i> town.<br><br>{spoiler} The end~!")).synopsis
        assert synopsis
        assert synopsis.text == "A harbour town.\n\nThe end~!"


def test_the_next_episode_says_how_many_have_aired_and_when_it_airs() -> None:
    record = parse(
        answer(countryOfOrigin="JP", nextAiringEpisode={"episode": 1141, "airingAt": 1_796_000_400})
    )
    assert record.episodes_aired == 1140
    assert record.broadcast
    assert record.broadcast.next_episode_at == "2026-11-30T01:00:00Z"
    assert (record.broadcast.weekday, record.broadcast.time) == ("MONDAY", "10:00")


def test_the_country_names_the_language_of_the_native_title() -> None:
    record = parse(answer(countryOfOrigin="CN", title={"romaji": "Mo Dao Zu Shi", "native": "魔道祖师"}))
    assert [(t.text, t.language) for t in record.titles] == [
        ("Mo Dao Zu Shi", "zh-Latn"),
        ("魔道祖师", "zh"),
    ]


def test_a_studio_that_only_helped_is_a_producer() -> None:
    edges = [
        {"isMain": True, "node": {"name": "Wit Studio", "isAnimationStudio": True}},
        {"isMain": False, "node": {"name": "Helper", "isAnimationStudio": True}},
        {"node": {"name": "Old Selection", "isAnimationStudio": True}},
    ]
    record = parse(answer(studios={"edges": edges}))
    assert (record.studios, record.producers) == (["Wit Studio", "Old Selection"], ["Helper"])


def test_links_are_sorted_by_what_they_are_for_and_dead_ones_dropped() -> None:
    links = [
        {"site": "Crunchyroll", "url": "https://a.example/1", "type": "STREAMING", "language": "English"},
        {"site": "Official Site", "url": "https://a.example/2", "type": "INFO", "language": "Japanese"},
        {"site": "Twitter", "url": "https://a.example/3", "type": "SOCIAL"},
        {"site": "Hulu", "url": "https://a.example/4", "type": "STREAMING", "isDisabled": True},
    ]
    record = parse(answer(externalLinks=links))
    assert [(link.site, link.language) for link in record.streaming] == [("Crunchyroll", "en")]
    assert [(link.kind, link.language) for link in record.links] == [("official", "ja"), ("social", None)]


def test_episodes_of_a_second_season_count_from_one() -> None:
    listed = [{"title": f"Episode {n} - Part {n}"} for n in (14, 13)]
    airing = {"nodes": [{"episode": 1, "airingAt": 1_665_239_400}]}
    record = parse(answer(episodes=2, status="FINISHED", streamingEpisodes=listed, airingSchedule=airing))
    assert [(e.number, e.titles[0].text, e.aired) for e in record.episodes] == [
        (1, "Part 13", "2022-10-08"),
        (2, "Part 14", None),
    ]


def test_a_streaming_list_with_gaps_that_reaches_the_last_episode_is_the_show_s_own() -> None:
    listed = [{"title": f"Episode {n} - Part {n}"} for n in range(3, 14)]
    found = parse(answer(episodes=13, status="FINISHED", streamingEpisodes=listed)).episodes
    assert [episode.number for episode in found] == [*range(3, 14)]


def test_the_streaming_list_of_another_season_is_not_taken_over() -> None:
    listed = [{"title": f"Episode {n} - Part {n}"} for n in range(1, 12)]
    assert parse(answer(episodes=26, status="FINISHED", streamingEpisodes=listed)).episodes == []


def test_a_value_the_vocabulary_does_not_know_is_kept_and_named() -> None:
    record = parse(answer(format="HOLOGRAM"))
    assert record.type is None
    assert record.raw["format"] == "HOLOGRAM"
    assert [(u.field, u.raw) for u in record.unmapped] == [("type", "HOLOGRAM")]


def broken(field: str, status: int = 500) -> dict[str, Any]:
    return {"message": "Internal Server Error", "status": status, "path": ["Media", field]}


def test_a_part_that_failed_is_named_as_the_record_calls_it_and_the_rest_is_read() -> None:
    failed = [broken(field) for field in ("characters", "airingSchedule", "coverImage")]
    body = json.dumps({**json.loads(answer(genres=["Drama"])), "errors": failed}).encode()
    assert refused(200, body) is None
    record = parse(body)
    assert record.genres == ["Drama"]
    assert record.incomplete == dict.fromkeys(("characters", "episodes", "images"), "upstream_error")


def test_what_is_said_to_all_of_us_is_a_refusal_whatever_came_with_it() -> None:
    data = {"Media": {"id": 7, "title": {"romaji": "Minato"}}}
    assert refused(200, {"data": data, "errors": [broken("characters", 429)]}) == "rate_limited"
    assert refused(200, {"data": data, "errors": [broken("characters", 403)]}) == "forbidden"
    assert refused(200, {"data": {"Media": None}, "errors": [broken("characters")]}) == "upstream_error"


def test_an_error_that_names_no_part_costs_what_is_not_there() -> None:
    media = {"id": 7, "title": {"romaji": "Minato"}, "relations": None, "tags": []}
    broken_part = {"data": {"Media": media}, "errors": [{"message": "?", "status": 500, "locations": []}]}
    assert refused(200, broken_part) is None
    assert parse(json.dumps(broken_part).encode()).incomplete == {"relations": "upstream_error"}
    media["relations"] = {"edges": []}
    assert parse(json.dumps(broken_part).encode()).incomplete == {"a_part": "upstream_error"}
    assert not Anilist.keeps(Reply("POST", Anilist.base_url, 200, {}, json.dumps(broken_part).encode()))


def test_a_part_that_failed_on_a_later_page_is_not_taken_for_its_end() -> None:
    body = {"data": {"Media": {"id": 7, "characters": None}}, "errors": [broken("characters")]}
    record = parse(answer())
    parse_page(json.dumps(body).encode()).add_to(record)
    assert record.incomplete == {"characters": "upstream_error"}


@pytest.mark.parametrize("depth", [50, 500, 900, 5000, 100_000])
def test_errors_nested_as_deep_as_one_likes_are_no_errors_of_ours(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    for body in (
        b'{"data": {"Media": {"id": 7, "title": {"romaji": "A"}}}, "errors": %s}' % nested,
        b'{"data": null, "errors": [{"message": %s, "path": %s, "status": %s}]}' % (nested, nested, nested),
    ):
        Anilist.refuse(reply(200, body))
        Anilist.keeps(reply(200, body))
        with contextlib.suppress(NotAnEntry):
            parse(body)


def test_a_rank_within_a_format_is_no_overall_rank() -> None:
    """Every recorded rank has a format (anilist/http/ok/anilist_get_recommendations.0.json)."""
    rows = [
        {"rank": 3, "type": "RATED", "format": "TV", "allTime": True},
        {"rank": 9, "type": "POPULAR", "format": "TV", "allTime": True},
        {"rank": 1, "type": "RATED", "format": "TV", "year": 2018, "season": "WINTER", "allTime": False},
        {"rank": 4, "type": "POPULAR", "format": "TV", "year": 2018, "season": None, "allTime": False},
        {"rank": 5, "type": "POPULAR", "format": "TV", "allTime": False},
    ]
    assert parse(answer(rankings=rows)).popularity == {
        "format_rank": 3,
        "format_popularity_rank": 9,
        "format_season_rank": 1,
        "format_year_popularity_rank": 4,
    }


def test_what_has_no_field_of_its_own_is_kept_in_the_site_s_words() -> None:
    said = parse(answer(isLicensed=False, hashtag="#a #b", updatedAt=1763800000)).further
    assert said == {"licensed": "no", "hashtag": "#a #b", "updated_at": "2025-11-22T08:26:40Z"}
    assert parse(answer(isLicensed=None, hashtag="", updatedAt=0)).further == {}


def test_a_link_keeps_its_note() -> None:
    link = {"site": "YouTube", "url": "https://y.example/c", "type": "STREAMING", "notes": "Muse Asia"}
    assert parse(answer(externalLinks=[link])).streaming[0].note == "Muse Asia"


def test_a_person_with_two_roles_is_one_person() -> None:
    edges = [{"role": role, "node": {"id": 9, "name": {"full": "A B"}}} for role in ("Director", "Script")]
    assert [member.roles for member in parse(answer(staff={"edges": edges})).staff] == [
        ["Director", "Script"]
    ]


def test_a_page_says_which_parts_have_another_one() -> None:
    edge = {"role": "MAIN", "node": {"id": 1, "name": {"full": "A"}}}
    more = {"pageInfo": {"hasNextPage": True}}
    page = parse_page(answer(characters={**more, "edges": [edge]}, staff={**more, "edges": []}))
    assert page.more == ("characters",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (errors(404, "Not Found.", {"Media": None}), "not_found"),
        ({"data": {"Media": None}}, "not_found"),
        ({"data": {"Media": {"id": 1, "type": "MANGA", "title": {"romaji": "x"}}}}, "not_found"),
        (errors(429, "Too Many Requests."), "error"),
        ({"data": {"Media": {"id": 1}}}, "changed_layout"),
        ({"data": {"Page": {"media": []}}}, "changed_layout"),
        ({}, "changed_layout"),
    ],
)
def test_an_answer_without_an_anime_says_why(body: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAnEntry) as caught:
        parse(json.dumps(body).encode())
    assert caught.value.reason == reason


def test_data_beside_errors_is_read_and_the_failed_part_named() -> None:
    body = json.loads(answer(genres=["Drama"]))
    body["errors"] = [{"message": "Internal Server Error", "status": 500, "path": ["Media", "characters"]}]
    record = parse(json.dumps(body).encode())
    assert record.genres == ["Drama"]
    assert record.incomplete == {"characters": "upstream_error"}


def test_a_search_that_finds_nothing_is_an_empty_list() -> None:
    assert parse_search(b'{"data": {"Page": {"media": []}}}') == []


def test_the_kinds_of_403_are_told_apart() -> None:
    off = errors(403, "The AniList API has been temporarily disabled.")
    assert refused(403, off) == "unavailable"
    assert refused(403, b"<html><title>Just a moment...</title></html>") == "challenge"
    assert refused(403, b"<html>blocked</html>", cf_mitigated="challenge") == "challenge"
    assert refused(403, b"<html>error code: 1006</html>") == "forbidden"
    assert refused(403, errors(403, "Private.")) == "forbidden"


def test_errors_are_never_kept_whatever_the_status() -> None:
    assert refused(200, errors(500, "Internal Server Error", {"Media": None})) == "upstream_error"
    assert refused(200, errors(404, "Not Found.", {"Media": None})) == "not_found"
    assert refused(400, errors(400, 'Cannot query field "x" on type "Media".')) == "changed_layout"
    assert refused(200, {"data": None}) == "bad_reply"
    assert refused(200, b"<html>maintenance</html>") == "bad_reply"
    assert refused(200, b'{"data": {"Media": {"id"') == "bad_reply"


def test_data_and_an_honest_not_found_are_kept() -> None:
    assert refused(200, answer(description='"errors": none, "data": null in a text')) is None
    assert refused(404, errors(404, "Not Found.", {"Media": None})) is None
    assert refused(404, b"<html>no such host</html>") == "bad_reply"


def test_a_429_pauses_for_as_long_as_the_site_says() -> None:
    body = errors(429, "Too Many Requests.")
    waits = [Anilist.refuse(reply(429, body, **headers)) for headers in ({"retry_after": "17"}, {})]
    assert [(w.reason, w.latch_seconds) for w in waits if w] == [("rate_limited", 17), ("rate_limited", 60)]


@asynccontextmanager
async def anilist(root: Path | None = None) -> AsyncIterator[tuple[Anilist, World]]:
    async with World(root) as world, aiohttp.ClientSession() as session:
        http = Http("anilist", lambda: session, Anilist.refuse)
        yield Anilist(SourceContext(world.sites["anilist"].base, http)), world


async def test_every_request_says_who_asks() -> None:
    async with anilist() as (source, world):
        await source.search(Query("Cowboy Bebop"))
        (asked,) = world.asked("anilist")
        assert asked.headers["Referer"] == asked.headers["User-Agent"].partition("(+")[2].rstrip(")")


async def test_an_ordinary_entry_takes_one_request() -> None:
    async with anilist() as (source, world):
        record = await source.fetch("1")
        assert (record.title, record.episode_count, len(record.episodes)) == ("Cowboy Bebop", 26, 26)
        assert record.incomplete == {}
        assert len(world.asked("anilist")) == 1


async def test_the_pages_of_a_long_entry_are_read_to_the_end() -> None:
    async with anilist() as (source, world):
        record = await source.core("21")
        early = len(record.characters)
        record = await source.extend(record)
        assert 0 < early < len(record.characters) == 10
        assert [member.names[0].text for member in record.staff][-1] == "Kouhei Tanaka"
        pages = [a.json["variables"] for a in world.asked("anilist")][1:]
        assert [(page["page"], page["staff"]) for page in pages] == [(2, True), (3, False)]


async def test_a_page_that_fails_costs_its_parts_only_and_is_named() -> None:
    async with anilist() as (source, world):
        record = await source.core("21")
        world.fault("anilist", "error")
        record = await source.extend(record)
        assert record.incomplete == {"characters": "upstream_error", "staff": "upstream_error"}
        assert record.title == "ONE PIECE"


async def test_what_the_budget_leaves_out_is_named() -> None:
    async with anilist() as (source, world):
        record = await source.core("21")
        world.fault("anilist", "hang")
        source.budget_seconds = 0.05  # type: ignore[misc]
        record = await source.extend(record)
        assert record.incomplete == {"characters": "deadline", "staff": "deadline"}


async def test_an_entry_is_found_by_its_myanimelist_id() -> None:
    async with anilist() as (source, _):
        assert await source.lookup({"mal": "52991"}) == "154587"
        assert await source.lookup({"mal": "4040404"}) is None
        assert await source.lookup({"anidb": "1"}) is None


async def test_an_unknown_id_is_not_found() -> None:
    async with anilist() as (source, _):
        for missing in ("4040404", "cowboy-bebop", "9" * 30):
            with pytest.raises(SourceError) as caught:
                await source.core(missing)
            assert caught.value.reason == "not_found"


async def test_a_search_knows_native_titles_slips_and_both_of_a_pair() -> None:
    async with anilist() as (source, _):
        found = {title: await source.search(Query(title)) for title in ("けいおん！", "Zzyzx", "Freiren")}
        assert [c.id for c in found["けいおん！"]] == ["5680", "7791"]
        assert found["Zzyzx"] == []
        assert [c.ids for c in found["Freiren"]] == [{"mal": "52991"}]
        assert await source.search(Query("Nothing Like It", titles=("Paper Lanterns",), limit=3))


async def test_the_site_being_off_is_told_from_a_ban() -> None:
    async with anilist() as (source, world):
        world.fault("anilist", "forbidden")
        with pytest.raises(SourceError) as caught:
            await source.core("1")
        assert (caught.value.reason, caught.value.outcome) == ("unavailable", "unavailable")
        world.fault("anilist", "rate_limited", seconds=9)
        with pytest.raises(SourceError) as caught:
            await source.core("1")
        assert (caught.value.reason, caught.value.retry_after) == ("rate_limited", 9)


async def test_the_same_question_is_the_same_body() -> None:
    async with anilist() as (source, world):
        await source.core("1")
        await source.core("1")
        first, second = world.asked("anilist")
        assert first.json == second.json
        assert Anilist.rules(source.context.base_url).post_urls[0] == source.context.base_url


def play_pages(folder: Path, last: int | None) -> Path:
    """A site whose entry 1 has pages of 25 characters, up to page ``last`` or for ever."""
    edge: dict[str, Any] = {"role": "SUPPORTING", "node": {"name": {"full": "Extra {{page}}"}}}
    edges = [{**edge, "node": {**edge["node"], "id": f"{{{{page}}}}{n:02d}"}} for n in range(25)]
    more = {"pageInfo": {"hasNextPage": True}, "edges": edges}
    page = json.dumps({"data": {"Media": {"id": 1, "title": {"romaji": "Long"}, "characters": more}}})
    (folder / "anilist").mkdir()
    (folder / "anilist" / "more.json").write_text(page)
    (folder / "anilist" / "last.json").write_text(page.replace("true", "false"))
    asked = {"operationName": "AnimePages"}
    replies = [
        {
            "method": "POST",
            "json": {"operationName": "AnimeCore", "variables.id": "(?P<page>1)"},
            "file": "more.json",
        },
        {"method": "POST", "json": {**asked, "variables.page": f"(?P<page>{last})"}, "file": "last.json"},
        {"method": "POST", "json": {**asked, "variables.page": r"(?P<page>\d+)"}, "file": "more.json"},
    ]
    (folder / "anilist" / "replies.json").write_text(json.dumps({"replies": replies}))
    return folder


async def test_fifteen_hundred_characters_are_read_page_by_page(tmp_path: Path) -> None:
    async with anilist(play_pages(tmp_path, last=60)) as (source, world):
        record = await source.fetch("1")
        assert len(record.characters) == 1500
        assert record.incomplete == {}
        assert len(world.asked("anilist")) == 60


async def test_pages_without_an_end_are_left_and_named(tmp_path: Path) -> None:
    async with anilist(play_pages(tmp_path, last=None)) as (source, world):
        record = await source.fetch("1")
        assert record.incomplete == {"characters": "skipped"}
        assert len(world.asked("anilist")) == 101


def test_a_word_for_nothing_is_no_season_of_a_rank_and_an_odd_tag_costs_itself() -> None:
    row = {"rank": 5, "type": "RATED", "year": 2018, "allTime": False}
    words: tuple[Any, ...] = ("-", "?", "To be announced", "some new word", 3, [])
    for said in words:
        assert parse(answer(rankings=[{**row, "season": said}])).popularity == {}
    tags = [{"name": ["x"]}, {"name": "Shounen"}, {"name": "Magic"}, {"name": "Seinen", "category": "Theme"}]
    assert parse(answer(tags=tags)).demographics == ["Shounen"]


def test_the_kind_of_a_related_manga_is_one_line_without_what_nobody_sees() -> None:
    node = {"id": 8, "type": "MANGA", "format": "ONE\u200b\tSHOT", "title": {"romaji": "Minato"}}
    media = {"id": 7, "title": {"romaji": "Minato"}, "relations": {"edges": [{"node": node}]}}
    (related,) = parse(json.dumps({"data": {"Media": media}}).encode()).relations
    assert related.type == "ONE SHOT"


def test_voices_under_both_names_are_read_each_once() -> None:
    people = [{"id": n, "name": {"full": f"P{n}"}, "languageV2": "Japanese"} for n in (1, 2)]
    edge = {
        "node": {"id": 5, "name": {"full": "C"}},
        "voiceActorRoles": [{"voiceActor": people[0]}],
        "voiceActors": people,
    }
    media = {"id": 7, "title": {"romaji": "A"}, "characters": {"edges": [edge]}}
    (character,) = parse(json.dumps({"data": {"Media": media}}).encode()).characters
    assert [voice.ids["anilist"] for voice in character.voice_actors] == ["1", "2"]


def test_truths_that_come_as_numbers_hide_no_spoiler_and_take_no_studio_away() -> None:
    media = {
        "id": 7,
        "title": {"romaji": "A"},
        "isAdult": 0,
        "isLicensed": 1,
        "tags": [{"name": "T", "isMediaSpoiler": 1, "isAdult": 0}],
        "studios": {"edges": [{"isMain": 1, "node": {"name": "S"}}, {"isMain": 0, "node": {"name": "P"}}]},
        "rankings": [{"rank": 3, "type": "RATED", "allTime": 0, "season": "", "year": 2020}],
    }
    record = parse(json.dumps({"data": {"Media": media}}).encode())
    assert (record.adult, record.further["licensed"], record.tags[0].spoiler) == (False, "yes", True)
    assert (record.studios, record.producers) == (["S"], ["P"])
    assert record.popularity["format_year_rank"] == 3


def test_a_schedule_of_which_no_row_tells_when_is_named() -> None:
    rows = [{"episode": 1, "airingAtNew": 1_709_906_400}]
    assert parse(answer(airingSchedule={"nodes": rows})).incomplete == {"episodes": "changed_layout"}
    assert parse(answer(airingSchedule={"nodes": []})).incomplete == {}


def test_a_next_episode_under_a_new_name_is_named() -> None:
    airing = {"episode": 5, "airingAt": 1_709_906_400}
    media = {"id": 7, "title": {"romaji": "A"}, "coverImage": {}, "trailer": None}
    moved = parse(json.dumps({"data": {"Media": {**media, "nextAiringEpisodeV2": airing}}}).encode())
    assert moved.incomplete["broadcast"] == "changed_layout"
    assert (
        parse(json.dumps({"data": {"Media": {**media, "nextAiringEpisode": airing}}}).encode()).incomplete
        == {}
    )


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.amazon.co.jp/dp/1", "streaming"),
        ("https://www.adultswim.com/videos/a", "streaming"),
        ("https://beta.crunchyroll.com/series/A", "streaming"),
        ("https://twitter.com/a", "social"),
        ("https://a-show.example", "info"),
    ],
)
def test_a_link_without_a_name_and_a_kind_is_judged_by_its_host(url: str, kind: str) -> None:
    record = parse(answer(externalLinks=[{"url": url}]))
    assert [link.kind for link in [*record.streaming, *record.links]] == [kind]
