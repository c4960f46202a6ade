"""What Anime-Planet says, asks and refuses."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
import pytest

from cache.rules import Reply
from sources.anime_planet import AnimePlanet, parse, parse_characters, parse_search
from sources.base import Query, SourceContext
from sources.demo.world import World
from sources.errors import NotAnEntry, Reason, SourceError
from sources.http import Http
from tests.support.demo_pages import demo_page

NO_DATA = ('type="application/ld+json"', 'type="text/plain"')
SPRING_2026 = dt.date(2026, 4, 1)


page = partial(demo_page, "anime_planet")


def why_not(body: bytes, url: str = "") -> str:
    with pytest.raises(NotAnEntry) as refusal:
        parse(body, url=url)
    return refusal.value.reason


@pytest.fixture
async def source(world: World) -> AsyncIterator[AnimePlanet]:
    async with aiohttp.ClientSession() as session:
        http = Http("anime_planet", lambda: session, AnimePlanet.refuse)
        yield AnimePlanet(SourceContext(world.sites["anime_planet"].base, http))


def test_what_the_mail_protection_hides_is_read() -> None:
    body = page("velvet")
    assert b"H@ur" not in body
    assert "Velvet H@ur" in [title.text for title in parse(body).titles]


def test_an_end_at_the_edge_of_a_year_is_the_year_but_for_a_work_of_one_day() -> None:
    said = [page("frieren").decode()]
    start, end = (re.search(rf'"{name}": ?"([^"]*)"', said[0]) for name in ("startDate", "endDate"))
    assert start
    assert end
    for last, first, kept in (
        ("2024-12-31", start[1], "2024"),
        ("2024-01-01", start[1], "2024"),
        ("2024-03-22", start[1], "2024-03-22"),
        ("2024-01-01", "2024-01-01", "2024-01-01"),
    ):
        body = said[0].replace(end[0], f'"endDate": "{last}"').replace(start[0], f'"startDate": "{first}"')
        assert parse(body.encode()).end_date == kept


def test_a_page_without_structured_data_is_read_from_its_bar() -> None:
    record = parse(page("frieren", NO_DATA))
    assert (record.start_date, record.end_date) == ("2023", "2024")
    assert (record.season, record.year, record.episode_count) == ("FALL", 2023, 28)
    assert record.score
    assert (record.score.value, record.score.votes, record.score.scale_min) == (4.631, 21014, 0.5)
    assert record.synopsis
    assert record.synopsis.text.startswith("The demon king fell")


def test_a_film_has_the_day_it_was_published_and_no_season() -> None:
    record = parse(page("bebop-movie"))
    assert (record.type, record.start_date, record.season, record.year) == ("MOVIE", "2001-09-01", None, 2001)
    assert record.duration_seconds == 115 * 60


def test_a_plus_behind_the_count_says_how_many_have_aired() -> None:
    record = parse(page("onepiece"))
    assert (record.episode_count, record.episodes_aired, record.status) == (None, 1140, "AIRING")


@pytest.mark.parametrize(
    ("years", "status"),
    [
        ("TBA", "UPCOMING"),
        ("2027", "UPCOMING"),
        ("2026", None),
        ("2025", "FINISHED"),
        ("2024 - ?", "AIRING"),
        ("2027 - ?", "UPCOMING"),
        ("2024 - 2025", "FINISHED"),
        ("2024 - 2027", "AIRING"),
    ],
)
def test_the_status_follows_from_the_years(years: str, status: str | None) -> None:
    body = page("frieren", NO_DATA, ("2023 - 2024", years))
    assert parse(body, today=SPRING_2026).status == status


@pytest.mark.parametrize("said", ["1.1.1970", "1970-01-01", "1/1/1970"])
def test_a_date_where_the_years_stand_is_no_year(said: str) -> None:
    record = parse(page("frieren", NO_DATA, ("2023 - 2024", said), ("Fall 2023", ""), ("fall-2023", "")))
    assert (record.year, record.start_date) == (None, None)
    assert parse(page("frieren", NO_DATA, ("2023 - 2024", "2023-2024"))).end_date == "2024"


def test_an_old_page_is_judged_by_its_own_year() -> None:
    body = page("frieren", NO_DATA, ("2023 - 2024", "2024"), ("2001-2026", "2001-2023"))
    assert parse(body, today=SPRING_2026).status == "UPCOMING"


def test_the_type_is_the_words_not_the_schema_s() -> None:
    assert [parse(page(name)).type for name in ("shelter", "modao", "velvet")] == ["MUSIC", "ONA", "OVA"]


def test_the_site_names_its_own_host_twice_before_a_picture() -> None:
    images = parse(page("bebop", ('src="https://cdn.anime-planet.com/anime/primary', 'data-x="'))).images
    assert images[0].url == "https://cdn.anime-planet.com/anime/primary/cowboy-bebop-1.jpg"
    assert [image.kind for image in images] == ["poster", "thumbnail"]


def test_entities_encoded_twice_are_decoded() -> None:
    synopsis = parse(page("frieren", ("half a century ago", "half a century&amp;mdash;ago"))).synopsis
    assert synopsis
    assert "century—ago" in synopsis.text


def test_content_warnings_lose_their_commas() -> None:
    record = parse(page("bebop"))
    assert record.raw["content_warnings"] == ["Mature Themes", "Violence"]
    assert [tag.name for tag in record.tags][-2:] == ["Mature Themes", "Violence"]


def test_the_kind_of_source_is_one_of_the_tags() -> None:
    names = ("bebop", "kon1", "modao", "frieren", "harbor")
    kinds = [parse(page(name)).source_material for name in names]
    assert kinds == ["ORIGINAL", "KOMA_4", "WEB_NOVEL", "MANGA", "LIGHT_NOVEL"]


def test_one_other_title_may_hold_commas_several_are_split() -> None:
    one = page("bebop-movie", NO_DATA, ("Alt titles:", "Alt title:"))
    assert len(parse(one).titles) == 2
    several = [title.text for title in parse(page("bebop-movie", NO_DATA)).titles]
    assert several[1:] == ["Cowboy Bebop: Tengoku no Tobira", "Cowboy Bebop: Knockin' on Heaven's Door"]


def test_no_rating_is_none() -> None:
    assert parse(page("velvet")).score is None


def test_relations_keep_the_site_s_word_and_manga_apart() -> None:
    relations = parse(page("fruits2001")).relations
    assert [(r.kind, r.kind_raw, r.ids, r.type, r.year) for r in relations] == [
        ("ALTERNATIVE_VERSION", "Remake", {"anime_planet": "fruits-basket-2019"}, "TV", 2019),
        ("ADAPTATION", "Original Manga", {"anime_planet_manga": "fruits-basket"}, None, None),
    ]


def titles_of(aka: str, *declared: str) -> list[str]:
    name = re.compile(r'("@type": "TVSeries",)')
    body = re.sub(r"<h2 class=\"aka\">.*?</h2>", f'<h2 class="aka">{aka}</h2>', page("frieren").decode())
    assert aka in body
    changed = name.sub(rf'\1 "alternateName": {json.dumps(declared)},', body) if declared else body
    assert changed != body or not declared
    return [title.text for title in parse(changed.encode()).titles][1:]


def test_the_line_of_titles_and_the_structured_data_complete_each_other() -> None:
    record = titles_of("Alt titles: Sousou no Frieren, 葬送のフリーレン", "Frieren at the Funeral")
    assert record == ["Frieren at the Funeral", "Sousou no Frieren", "葬送のフリーレン"]


def test_a_comma_inside_a_title_that_is_known_from_elsewhere_does_not_end_it() -> None:
    line = "Alt titles: Our War, The Last Crusade, Other"
    assert titles_of(line, "Our War, The Last Crusade") == ["Our War, The Last Crusade", "Other"]
    assert titles_of(line) == ["Our War", "The Last Crusade", "Other"]
    assert titles_of('Alt titles: A "Now, Then" Story, Other (Part, Two)') == [
        'A "Now, Then" Story',
        "Other (Part, Two)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("CharacterCard", "PersonTile", ["characters", "staff"]),
        ("RelatedEntry", "FranchiseTile", ["relations"]),
        ("__staff", "__crew", []),
        ("pure-g entrySynopsis", "about", []),
        ("entryStats", "stats", []),
        ("avgRating", "stars", []),
        ('class="tags', 'class="labels', ["tags"]),
    ],
)
def test_a_part_that_is_drawn_in_another_way_is_named(old: str, new: str, parts: list[str]) -> None:
    record = parse(page("kon1", (old, new)))
    assert record.incomplete == dict.fromkeys(parts, "changed_layout")
    assert not any(getattr(record, part) for part in parts)
    assert parse(page("kon1")).incomplete == {}


def test_videos_that_stand_in_other_boxes_are_named() -> None:
    shown = '<div id="watchOnline"><div class="videoList Cr"><div class="{}"><a href="/anime/k-on/videos/1">'
    shown += "<h4>Episode 1</h4></a></div></div></div></body>"
    known, changed = (parse(page("kon1", ("</body>", shown.format(word)))) for word in ("card", "tile"))
    assert (len(known.streaming), len(known.episodes), known.incomplete) == (1, 1, {})
    assert changed.incomplete == dict.fromkeys(("episodes", "streaming"), "changed_layout")


@pytest.mark.parametrize("before", ["2027-04-05", "1900-01-01", "User Stats", "07"])
@pytest.mark.parametrize(("written", "members"), [("606", 606), ("71,500", 71_500), ("1 234 567", 1_234_567)])
def test_a_number_before_the_members_is_no_part_of_theirs(before: str, written: str, members: int) -> None:
    record = parse(page("kon1", ("User Stats", before), ("71,500 users", f"{written} users")))
    assert record.popularity["members"] == members


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("TV (1.157+ eps)", (None, 1157, None)),
        ("TV (25 episodes × 24 min)", (25, None, 1440)),
        ("TV (1 157 eps)", (1157, None, None)),
        ("TV (2 seasons)", (28, None, None)),
    ],
)
def test_a_type_line_that_is_written_in_another_way_keeps_its_type(
    said: str, known: tuple[int | None, int | None, int | None]
) -> None:
    record = parse(page("frieren", ("TV\n (28 eps)", said)))
    assert record.type == "TV"
    assert (record.episode_count, record.episodes_aired, record.duration_seconds) == known


def test_an_average_with_a_comma_is_not_its_last_digit() -> None:
    record = parse(page("frieren", NO_DATA, ("4.631 out of 5 from 21,014", "4,6 out of 5 from 21K")))
    assert record.score
    assert (record.score.value, record.score.votes) == (4.6, 21_000)


def test_a_picture_that_waits_to_be_loaded_is_found_elsewhere_on_the_page() -> None:
    shown = re.search(r'<img[^>]*itemprop="?image"?[^>]*src="([^"]+)"', page("frieren").decode())
    assert shown
    waiting = page("frieren", (f'src="{shown[1]}"', f'src="/images/card-load.svg" data-src="{shown[1]}"'))
    assert parse(waiting).images == parse(page("frieren")).images != []


def test_characters_that_only_the_structured_data_names_are_read_too() -> None:
    shown = [one.ids["anime_planet"] for one in parse(page("frieren")).characters]
    named = [
        {"@type": "Person", "name": n, "url": f"/characters/{s}"}
        for n, s in (("X", shown[0]), ("Sein MÖNCH", "sein"))
    ]
    start = '"name": "Frieren: Beyond Journey\'s End",'
    record = parse(page("frieren", (start, f'{start} "character": {json.dumps(named)},')))
    assert [one.ids["anime_planet"] for one in record.characters] == [*shown, "sein"]
    assert record.characters[-1].names[0].text == "Sein Mönch"


def test_a_characters_page_or_a_result_list_that_cannot_be_read_is_a_new_layout() -> None:
    for read, name, change in (
        (parse_characters, "bebop-characters", ('class="name"', 'class="called"')),
        (parse_search, "search-kon", ('data-type="anime"', 'data-kind="anime"')),
    ):
        with pytest.raises(NotAnEntry) as refusal:
            read(page(name, change))
        assert refusal.value.reason == "changed_layout"


def test_recommendations_are_no_relations() -> None:
    assert parse(page("shelter")).relations == []


def test_headings_are_the_roles_and_flags_the_languages() -> None:
    characters, _ = parse_characters(page("onepiece-characters"))
    assert [(c.ids["anime_planet"], c.role) for c in characters][2:] == [
        ("nami-one-piece", "MAIN"),
        ("buggy-the-clown", "SUPPORTING"),
        ("gaimon", "BACKGROUND"),
    ]
    assert [(v.names[0].text, v.language) for v in characters[0].voice_actors] == [
        ("Mayumi Tanaka", "ja"),
        ("Colleen Clinkenbeard", "en"),
    ]
    assert characters[0].images[0].startswith("https://cdn.anime-planet.com/characters/")


def test_a_list_gives_a_candidate_a_card() -> None:
    found = parse_search(page("search-bebop"))
    assert [(card.id, card.title, card.type, card.year) for card in found] == [
        ("cowboy-bebop", "Cowboy Bebop", "TV", 1998),
        ("cowboy-bebop-the-movie", "Cowboy Bebop: The Movie", "MOVIE", 2001),
    ]


def test_popular_titles_under_an_unknown_slug_are_neither_an_entry_nor_results() -> None:
    body = page("unknown")
    assert b"frieren" in body
    assert why_not(body) == "not_found"
    assert parse_search(body) == []


def test_every_other_page_says_what_it_is() -> None:
    assert why_not(page("challenge")) == "challenge"
    assert why_not(page("banned")) == "banned"
    assert why_not(page("search-kon")) == "changed_layout"
    assert why_not(page("bebop", ("entryBar", "entryBox"))) == "changed_layout"
    assert why_not(page("bebop"), "https://www.anime-planet.com/anime/k-on") == "not_found"
    assert why_not(b"") == "error"
    assert why_not(b"<p " + b"a=1 " * 100_000) == "error"
    assert why_not(b"x" * 50_000_000) == "error"


async def test_one_hit_leads_straight_to_the_entry(source: AnimePlanet) -> None:
    found = await source.search(Query("Sousou no Frieren"))
    assert [(c.id, c.type, c.start_date) for c in found] == [
        ("frieren-beyond-journeys-end", "TV", "2023-09-29")
    ]


async def test_a_hard_pair_is_given_whole_the_closer_one_first(source: AnimePlanet) -> None:
    assert [c.id for c in await source.search(Query("K-On!!"))] == ["k-on-2", "k-on"]
    found = await source.search(Query("Fruits Basket"))
    assert [(c.id, c.year, c.episode_count) for c in found] == [
        ("fruits-basket", 2001, 26),
        ("fruits-basket-2019", 2019, 25),
    ]


async def test_a_search_that_finds_nothing_is_empty(source: AnimePlanet) -> None:
    assert await source.search(Query("No Such Show")) == []


async def test_a_title_takes_two_views(source: AnimePlanet, world: World) -> None:
    record = await source.fetch("one-piece")
    assert [a.path for a in world.asked("anime_planet")] == [
        "/anime/one-piece",
        "/anime/one-piece/characters",
    ]
    assert [c.role for c in record.characters] == ["MAIN"] * 3 + ["SUPPORTING", "BACKGROUND"]
    assert record.incomplete == {}


async def test_a_renamed_slug_gives_the_entry_under_its_new_one(source: AnimePlanet) -> None:
    assert (await source.core("frieren")).source_id == "frieren-beyond-journeys-end"


async def test_an_unknown_slug_is_not_found(source: AnimePlanet) -> None:
    for unknown in ("no-such-show", "../characters", "All"):
        with pytest.raises(SourceError) as failure:
            await source.core(unknown)
        assert failure.value.reason is Reason.NOT_FOUND


async def test_what_fails_after_the_core_is_named(source: AnimePlanet, world: World) -> None:
    record = await source.core("one-piece")
    world.fault("anime_planet", "challenge")
    await source.extend(record)
    assert record.incomplete == {"characters": "challenge"}
    assert len(record.characters) == 3


@pytest.mark.parametrize(
    ("status", "name", "reason"),
    [(403, "challenge", "challenge"), (503, "challenge", "challenge"), (403, "unknown", "forbidden")]
    + [(429, "unknown", "rate_limited"), (200, "banned", "banned"), (200, "bebop", None)],
)
def test_a_refusal_keeps_every_worker_away_for_a_quarter_of_an_hour(
    status: int, name: str, reason: str | None
) -> None:
    refusal = AnimePlanet.refuse(Reply("GET", AnimePlanet.base_url, status, {}, page(name)))
    assert (refusal and (refusal.reason, refusal.latch_seconds)) == (reason and (reason, 900.0))
