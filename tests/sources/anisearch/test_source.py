"""What aniSearch says, asks and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
import pytest

from cache.rules import Reply
from sources.anisearch import (
    Anisearch,
    parse,
    parse_characters,
    parse_episodes,
    parse_relations,
    parse_search,
)
from sources.base import Query, SourceContext
from sources.demo.world import World
from sources.errors import NotAnEntry, Reason, SourceError
from sources.http import Http
from tests.support.demo_pages import demo_page

page = partial(demo_page, "anisearch")


def why_not(body: bytes, url: str = "") -> str:
    with pytest.raises(NotAnEntry) as refusal:
        parse(body, url=url)
    return refusal.value.reason


@pytest.fixture
async def source(world: World) -> AsyncIterator[Anisearch]:
    async with aiohttp.ClientSession() as session:
        http = Http("anisearch", lambda: session, Anisearch.refuse)
        yield Anisearch(SourceContext(world.sites["anisearch"].base, http))


def test_zero_months_and_days_are_unknown_not_january() -> None:
    dates = [
        parse(page("bebop", ('"1998-04-03"', f'"{raw}"'))).start_date
        for raw in ("2023-00-00", "1958-11-00", "1958-11-03")
    ]
    assert dates == ["2023", "1958-11", "1958-11-03"]


def test_without_structured_data_the_box_gives_the_dates() -> None:
    record = parse(page("bebop", ('type="application/ld+json"', 'type="text/plain"')))
    assert (record.start_date, record.end_date) == ("1998-04-03", "1999-04-24")
    assert record.title == "Cowboy Bebop"
    upcoming = parse(page("harbor", ('type="application/ld+json"', 'type="text/plain"')))
    assert (upcoming.start_date, upcoming.end_date) == ("2027-04", None)


def test_the_box_completes_a_date_of_the_structured_data_and_does_not_contradict_it() -> None:
    assert parse(page("bebop", ('"1998-04-03"', '"1998-00-00"'))).start_date == "1998-04-03"
    assert parse(page("bebop", ('"1998-04-03"', '"1999-00-00"'))).start_date == "1999"


def test_a_date_of_the_structured_data_that_is_filled_up_is_no_more_exact_than_the_box() -> None:
    box = "03.04.1998 ‑ 24.04.1999"
    for shown, declared, start in (
        ("1998 ‑ ?", "1998-01-01", "1998"),
        ("04.1998 ‑ ?", "1998-04-01", "1998-04"),
        ("04.1998 ‑ ?", "1998-04-03", "1998-04-03"),
        ("01.01.1998 ‑ ?", "1998-01-01", "1998-01-01"),
        ("?", "1998-01-01", "1998"),
        ("?", "1998-04-03", "1998-04-03"),
    ):
        record = parse(page("bebop", ('"1998-04-03"', f'"{declared}"'), (box, shown)))
        assert record.start_date == start
        assert record.season == (None if len(start) == 4 else "SPRING" if start[6] == "4" else "WINTER")
    ended = parse(page("bebop", ('"1999-04-24"', '"1999-12-31"'), (box, "03.04.1998 ‑ 1999")))
    assert ended.end_date == "1999"


def test_a_date_of_the_old_layout_is_no_more_exact_than_what_it_shows() -> None:
    box = (
        '<div class="released"><span class="header">Release Date:</span> 03.04.1998 ‑ 24.04.1999</div>',
        "",
    )
    for shown, declared, start in (
        ("1998", "1998-01-01", "1998"),
        ("04.1998", "1998-04-01", "1998-04"),
        ("03.04.1998", "1998-04-03", "1998-04-03"),
    ):
        item = f'<li><span>Release Date</span>{shown}<meta content="{declared}"></li>'
        inner = '<div id="content-inner">'
        old = (inner, f'{inner}<ul id="infodetails">{item}</ul>')
        no_data = ('type="application/ld+json"', 'type="text/plain"')
        assert parse(page("bebop", old, box, no_data)).start_date == start


def test_two_and_a_half_from_one_vote_is_no_rating_unless_somebody_voted() -> None:
    assert parse(page("harbor")).score is None
    voted = parse(page("harbor", ("0.00 = 0%", "2.50 = 50%"))).score
    assert voted
    assert (voted.value, voted.scale_min, voted.scale_max, voted.votes) == (2.5, 0.1, 5.0, 1)


def test_thousands_are_set_apart_with_a_dot_and_decimals_too() -> None:
    changes = (
        ('"ratingCount": "5210"', '"ratingCount": 11.752'),
        ("<b>7017</b>", "<b>7.017</b>"),
        ("#12<", "#1.012<"),
    )
    record = parse(page("bebop", *changes))
    assert record.score
    assert (record.score.value, record.score.votes) == (4.4, 11752)
    assert (record.popularity["completed"], record.popularity["rank"]) == (7017, 1012)


def test_the_status_is_that_of_the_original_release() -> None:
    body = page("lanterns", ("Status:</span> Aborted</div>\n", "Status:</span> On Hold</div>\n"))
    record = parse(body)
    assert b"Aborted" in body
    assert record.status == "HIATUS"


def test_hidden_synonyms_are_read_and_a_comma_does_not_end_one() -> None:
    texts = [title.text for title in parse(page("bebop")).titles]
    assert texts[-3:] == ["CB", "Cowboy Bebop TV", "Space Hunter, Bebop Crew"]


def test_every_title_has_its_language() -> None:
    titles = [(t.text, t.language, t.kind) for t in parse(page("frieren")).titles]
    assert titles[:4] == [
        ("Sousou no Frieren", "ja-Latn", "main"),
        ("Sōsō no Frieren", "ja-Latn", "synonym"),
        ("葬送のフリーレン", "ja", "official"),
        ("Frieren: Beyond Journey's End", "en", "official"),
    ]
    chinese = parse(page("modao")).titles
    assert [(t.text, t.language) for t in chinese[:2]] == [("Mo Dao Zu Shi", "zh-Latn"), ("魔道祖师", "zh")]


def test_the_original_release_names_studios_the_others_publishers() -> None:
    record = parse(page("spy1"))
    assert record.studios == ["Wit Studio Inc.", "CloverWorks Inc."]
    assert record.licensors == ["Crunchyroll"]
    assert record.producers == []


def test_tags_are_found_in_their_old_place_too() -> None:
    assert [tag.name for tag in parse(page("kon1")).tags][:2] == ["Band", "Cute Girls Doing Cute Things"]
    assert parse(page("kon2")).genres == ["Slice of Life Comedy", "Comedy", "Slice of Life"]


def test_a_length_of_hours_and_a_total_beside_it() -> None:
    assert parse(page("bebop-movie")).duration_seconds == 115 * 60
    assert parse(page("bebop")).duration_seconds == 24 * 60


def test_staff_keep_every_role() -> None:
    staff = {person.names[0].text: person.roles for person in parse(page("onepiece")).staff}
    assert staff["Eiichirou Oda"] == ["Original Work"]
    assert staff["Shirou Hamaguchi"] == ["Music"]
    both = page("onepiece", ("(Direction), <a", "(Direction), noise <a"))
    assert len(parse(both).staff) == 4


def test_a_placeholder_cover_is_no_picture_and_a_hidden_one_marks_no_shame() -> None:
    assert parse(page("modao")).images == []
    hidden = parse(page("velvet"))
    assert hidden.images == []
    assert hidden.adult is True


def test_the_description_is_english_when_there_is_one() -> None:
    synopsis = parse(page("bebop")).synopsis
    assert synopsis
    assert synopsis.language == "en"
    assert synopsis.text.startswith("A worn-out ship")
    assert "anisearch.com" not in synopsis.text
    german = parse(page("bebop", ('lang="en" class="textblock details-text"', 'lang="en"'))).synopsis
    assert german
    assert german.language == "de"


def test_an_unknown_word_is_kept_and_counted() -> None:
    record = parse(page("bebop", ("TV-Series, 26", "Hologram, 26")))
    assert record.type is None
    assert [(item.field, item.raw) for item in record.unmapped] == [("type", "Hologram")]
    assert record.raw["type"] == "Hologram"


def test_a_page_about_another_id_is_not_the_entry() -> None:
    body = page("bebop")
    assert parse(body, url="https://www.anisearch.com/anime/1572,cowboy-bebop").source_id == "1572"
    assert why_not(body, "https://www.anisearch.com/anime/1575") == "not_found"


def test_every_other_page_says_what_it_is() -> None:
    assert why_not(page("challenge")) == "challenge"
    assert why_not(page("banned")) == "banned"
    assert why_not(page("not-found")) == "not_found"
    assert why_not(page("bebop-relations")) == "changed_layout"
    assert why_not(page("bebop", ('data-type="anime"', 'data-type="character"'))) == "changed_layout"
    assert why_not(b"") == "error"
    assert why_not(b"<div>" * 100_000) == "error"
    assert why_not(b"x" * 50_000_000) == "error"


def test_relations_name_anime_by_id_and_manga_apart() -> None:
    relations, unmapped = parse_relations(page("bebop-relations"))
    assert [(r.kind, r.ids, r.media, r.type, r.year) for r in relations] == [
        ("SIDE_STORY", {"anisearch": "1575"}, "anime", "MOVIE", 2001),
        ("ADAPTATION", {"anisearch_manga": "701"}, "manga", None, None),
    ]
    assert unmapped == []


COVERS = (
    '<section id="relations"><h2>Relations</h2><ul class="swiper-wrapper covers row1 header"><li>'
    '<a href="anime/6102,a-summary" class="anime-item" data-title="Anime: A Summary"><span class="details">'
    '<span class="date">TV-Special, 2 (2001)</span><span class="title">A Summary</span></span>'
    '<span class="header">Summary</span></a></li><li><a href="manga/19563,a-manga" class="manga-item" '
    'data-title="Manga: A Manga"><span class="date">Manga, 31/314 (2014)</span><span class="header">Original Work'
    "</span></a></li></ul></section>"
)
OLD_RELATIONS = re.compile(r'<section id="relations2">.*?</section>', re.DOTALL)


def with_relations(section: str) -> bytes:
    return OLD_RELATIONS.sub(section, page("bebop").decode()).encode()


def test_relations_shown_as_covers_are_read_with_kind_type_and_year() -> None:
    record = parse(with_relations(COVERS))
    assert [(r.kind, r.title, r.media, r.type, r.year) for r in record.relations] == [
        ("SUMMARY", "A Summary", "anime", "TV_SPECIAL", 2001),
        ("ADAPTATION", "A Manga", "manga", None, 2014),
    ]
    assert (record.incomplete, record.unmapped) == ({}, [])


@pytest.mark.parametrize(
    ("section", "incomplete"),
    [
        ('<section id="relations" class="empty"><div class="helptext">None.</div></section>', {}),
        ('<section id="relations"><ol><li>A Summary</li></ol></section>', {"relations": "changed_layout"}),
        ("", {"relations": "changed_layout"}),
    ],
)
def test_only_a_frame_that_is_empty_says_that_there_are_none(
    section: str, incomplete: dict[str, str]
) -> None:
    record = parse(with_relations(section))
    assert (record.relations, record.incomplete) == ([], incomplete)


def test_labels_that_are_marked_as_neither_genre_nor_tag_are_named() -> None:
    """Until 2022 labels led to a search, and only their mark said what they are."""
    body = page("bebop").decode().replace("genre/tag/", "index/?tag=")
    assert parse(body.encode()).incomplete == {}
    changed = parse(body.replace('class="gt', 'class="label').encode())
    assert (changed.tags, changed.incomplete) == ([], {"tags": "changed_layout"})
    assert changed.genres


def test_a_menu_that_calls_relations_empty_needs_no_frame() -> None:
    assert parse(page("shelter")).incomplete == {}


@pytest.mark.parametrize("part", ["characters", "streams", "trailers"])
def test_a_part_that_is_drawn_in_another_way_is_named(part: str) -> None:
    frame = re.compile(rf'<section id="{part}".*?</section>', re.DOTALL)
    record = parse(
        frame.sub(f'<section id="{part}"><p>All new</p></section>', page("bebop").decode()).encode()
    )
    assert record.incomplete == {"streaming" if part == "streams" else part: "changed_layout"}


SUB_PAGES = {"relations": parse_relations, "episodes": parse_episodes, "characters": parse_characters}


@pytest.mark.parametrize("part", SUB_PAGES)
def test_a_sub_page_without_anything_is_a_new_layout_unless_it_says_so(part: str) -> None:
    inner = re.compile(r'<div id="content-inner">.*(?=</div></div></div></div></main>)', re.DOTALL)
    body = page(f"bebop-{part}").decode()

    def shown(content: str) -> bytes:
        changed = inner.sub(f'<div id="content-inner">{content}', body)
        assert changed != body
        return changed.encode()

    empty = SUB_PAGES[part](shown('<section class="empty"><div class="helptext">None yet.</div></section>'))
    assert empty in ([], ([], []))
    with pytest.raises(NotAnEntry) as refusal:
        SUB_PAGES[part](shown("<section><p>All new</p></section>"))
    assert refusal.value.reason == "changed_layout"


def test_a_chart_with_another_work_is_no_empty_relations_page() -> None:
    def chart(*nodes: str) -> bytes:
        graph = json.dumps({"nodes": {"anime": {node: {} for node in nodes}}}).replace('"', "&quot;")
        shown = f'<section id="relations"><div id="flowchart" data-graph="{graph}"></div></section>'
        body = re.sub(
            r'<section id="relations.*</section>', shown, page("bebop-relations").decode(), flags=re.DOTALL
        )
        return body.encode()

    assert parse_relations(chart("a1572")) == ([], [])
    with pytest.raises(NotAnEntry):
        parse_relations(chart("a1572", "a1575"))


def test_a_stream_without_a_logo_keeps_its_service() -> None:
    def stream(picture: str, name: str = "", href: str = "anime/1572,x/streams/9") -> str:
        return f'<li><a href="{href}" data-bg="{picture}"><span class="title">1</span>{name}</a></li>'

    streams = (
        stream("streams/netflix.webp")
        + stream("anime/stream/thumb/1/9.webp", '<span class="name">Youtube</span>')
        + stream("anime/stream/thumb/1/8.webp", "", "https://archive.example/8")
    )
    frame = re.compile(r'<section id="streams".*?</section>', re.DOTALL)
    body = frame.sub(f'<section id="streams"><ul>{streams}</ul></section>', page("bebop").decode())
    assert [link.site for link in parse(body.encode()).streaming] == ["netflix", "Youtube", "archive.example"]


def test_results_that_cannot_be_read_are_not_no_results() -> None:
    changed = page(
        "search-nothing", ('<div class="helptext">', '<p><a href="anime/77,a-show">A Show</a></p><div>')
    )
    with pytest.raises(NotAnEntry) as refusal:
        parse_search(changed)
    assert refusal.value.reason == "changed_layout"


def test_episodes_carry_marks_dates_and_the_original_script() -> None:
    episodes = {episode.number: episode for episode in parse_episodes(page("onepiece-episodes"))}
    assert episodes[50].filler is True
    assert episodes[50].recap is None
    assert episodes[279].filler is episodes[279].recap is True
    assert episodes[1].aired == "1999-10-20"
    assert episodes[1].duration_seconds == 1440
    assert [(t.text, t.language) for t in episodes[1].titles][1:] == [
        ("Ore wa Luffy! Kaizoku Ou ni naru Otoko da!", "ja-Latn"),
        ("俺はルフィ!海賊王になる男だ!", "ja"),
    ]
    assert episodes[1141].aired is None


def test_episodes_beyond_a_thousand_and_those_that_are_not_counted_keep_their_numbers() -> None:
    for written, number, kind in (("1.000", 1000, "regular"), ("13.5", 13.5, "special"), ("0", 0, "special")):
        body = page("onepiece-episodes", ("<b>1</b>", f"<b>{written}</b>"))
        first = parse_episodes(body)[0]
        assert (first.number, first.kind) == (number, kind)


def test_the_section_is_the_role_of_a_character() -> None:
    characters, unmapped = parse_characters(page("onepiece-characters"))
    assert [(c.names[0].text, c.role) for c in characters][2:] == [
        ("Nami", "MAIN"),
        ("Buggy", "SUPPORTING"),
        ("Gaimon", "BACKGROUND"),
    ]
    assert unmapped == []


def test_a_list_gives_a_candidate_a_row() -> None:
    found = parse_search(page("search-bebop"))
    assert [(row.id, row.title, row.type, row.year) for row in found] == [
        ("1572", "Cowboy Bebop", "TV", 1998),
        ("1575", "Cowboy Bebop: The Movie", "MOVIE", 2001),
    ]


def test_a_result_of_a_long_show_keeps_its_thousands() -> None:
    found = parse_search(page("search-bebop", ("TV-Series, 26", "TV-Series, 1.100")))
    assert 1100 in {one.episode_count for one in found}


def test_covers_are_results_as_well_as_rows() -> None:
    cover = (
        '<ul class="covers gallery"><li><a href="anime/77,a-show" data-title="Anime: A: Show"><span class="title">'
        'A: Show</span><span class="details">TV-Series, 12 (2020)</span></a></li></ul>'
    )
    found = parse_search(page("search-nothing", ('<div class="helptext">', f"{cover}<div>")))
    assert [(c.id, c.title, c.type, c.year) for c in found] == [("77", "A: Show", "TV", 2020)]


async def test_one_hit_leads_straight_to_the_entry(source: Anisearch) -> None:
    found = await source.search(Query("葬送のフリーレン"))
    assert [(c.id, c.type, c.start_date, c.episode_count) for c in found] == [
        ("17621", "TV", "2023-09-29", 28)
    ]


async def test_a_hard_pair_is_given_whole_the_closer_one_first(source: Anisearch) -> None:
    assert [c.id for c in await source.search(Query("K-ON!"))] == ["5406", "5993"]
    assert [c.id for c in await source.search(Query("K-ON! Season 2"))] == ["5993", "5406"]


async def test_other_titles_are_tried_while_nothing_is_found(source: Anisearch, world: World) -> None:
    assert await source.search(Query("No Such Show")) == []
    found = await source.search(Query("No Such Show", titles=("Shelter", "One Piece")))
    assert [c.id for c in found] == ["11782"]
    assert len([a for a in world.asked("anisearch") if a.path == "/anime/index"]) == 3


async def test_a_title_takes_four_views_at_most(source: Anisearch, world: World) -> None:
    record = await source.fetch("1572")
    assert [a.path for a in world.asked("anisearch")] == [
        "/anime/1572",
        "/anime/1572/relations",
        "/anime/1572/episodes",
        "/anime/1572/characters",
    ]
    assert [r.kind for r in record.relations] == ["SIDE_STORY", "ADAPTATION"]
    assert [c.role for c in record.characters] == ["MAIN"] * 3 + ["SUPPORTING"] * 2
    assert len(record.episodes) == 3
    assert record.incomplete == {}
    assert record.raw["fetched_via"] == "http"


async def test_sub_pages_that_the_menu_calls_empty_are_not_asked_for(source: Anisearch, world: World) -> None:
    await source.fetch("990002")
    assert [a.path for a in world.asked("anisearch")] == ["/anime/990002", "/anime/990002/relations"]


async def test_what_fails_after_the_core_is_named(source: Anisearch, world: World) -> None:
    record = await source.core("1572")
    world.fault("anisearch", "error", times=1)
    await source.extend(record)
    assert record.incomplete == {"relations": "upstream_error"}
    assert [r.title for r in record.relations] == ["Cowboy Bebop: The Movie", "Cowboy Bebop"]
    assert record.episodes


async def test_a_ban_ends_the_visit(source: Anisearch, world: World) -> None:
    record = await source.core("1572")
    before = len(world.asked("anisearch"))
    world.fault("anisearch", "ban")
    await source.extend(record)
    assert set(record.incomplete.values()) == {"banned"}
    assert len(world.asked("anisearch")) == before + 1


async def test_an_unknown_id_is_not_found(source: Anisearch) -> None:
    for unknown in ("99999999", "one-piece"):
        with pytest.raises(SourceError) as failure:
            await source.core(unknown)
        assert failure.value.reason is Reason.NOT_FOUND


@pytest.mark.parametrize(
    ("status", "name", "reason"),
    [
        (403, "challenge", "challenge"),
        (200, "challenge", "challenge"),
        (200, "banned", "banned"),
        (403, "not-found", "forbidden"),
        (429, "not-found", "rate_limited"),
        (200, "bebop", None),
        (404, "not-found", None),
    ],
)
def test_a_refusal_keeps_every_worker_away_for_a_quarter_of_an_hour(
    status: int, name: str, reason: str | None
) -> None:
    refusal = Anisearch.refuse(Reply("GET", Anisearch.base_url, status, {}, page(name)))
    assert (refusal and (refusal.reason, refusal.latch_seconds)) == (reason and (reason, 900.0))


def test_genres_that_only_the_structured_data_names_are_read_and_their_section_is_missed() -> None:
    body = page("bebop").decode()
    section = re.search(r'<section id="genres-tags">.*?</section>', body, re.DOTALL)
    assert section
    assert parse(body.encode()).incomplete == {}
    without = parse(body.replace(section[0], "").encode())
    assert set(without.genres) <= set(parse(body.encode()).genres)
    assert without.genres
    assert {"genres", "tags"} <= without.incomplete.keys()
