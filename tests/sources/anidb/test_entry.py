"""AniDB's documents: what is recorded comes out right, and what is no entry says so."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from sources.anidb import parse
from sources.anidb.wording import prose
from sources.errors import NotAnEntry
from sources.record import SourceRecord
from tests.sources.anidb.expectations import DIFFERENT_ON_PURPOSE, STUDIOS_BESIDE_EXPECTED, agrees
from tests.support.demo_titles import played_entries

RECORDINGS = Path(__file__).parents[4] / "shared" / "upstream" / "recordings" / "anidb"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")

SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<anime id="77" restricted="true">
 <type>OVA</type><episodecount>2</episodecount><startdate>2004-03</startdate>
 <titles>
  <title xml:lang="x-jat" type="main">Hoshi`no Ko</title>
  <title xml:lang="en" type="official">Child of the Stars</title>
  <title xml:lang="ja" type="official">星の子</title>
  <title xml:lang="es-LA" type="synonym">Hijo</title>
 </titles>
 <relatedanime><anime id="78" type="Sequel">Hoshi no Ko 2</anime><anime id="79" type="Dream">Yume</anime></relatedanime>
 <creators>
  <name id="1" type="Animation Work">Studio Lantern</name><name id="2" type="Direction">Ono Rei</name>
  <name id="2" type="Music">Ono Rei</name>
 </creators>
 <description>http://anidb.net/ch5 [Rei]`s night. [i]Really[/i].
Source: nobody</description>
 <ratings><permanent count="12">7.25</permanent><review count="1">3.00</review></ratings>
 <picture>9.jpg</picture>
 <resources>
  <resource type="2"><externalentity><identifier>11</identifier></externalentity>
   <externalentity><identifier>12</identifier></externalentity></resource>
  <resource type="43"><externalentity><identifier>tt0012345</identifier></externalentity></resource>
  <resource type="44"><externalentity><identifier>5</identifier><identifier>tv</identifier></externalentity></resource>
  <resource type="99"><externalentity><identifier>x</identifier></externalentity></resource>
 </resources>
 <tags>
  <tag id="2609" weight="0"><name>original work</name></tag>
  <tag id="2798" parentid="2609" weight="0"><name>manga</name></tag>
  <tag id="2805" parentid="2798" weight="0"><name>4-koma manga</name></tag>
  <tag id="2606" weight="0"><name>target audience</name></tag>
  <tag id="1802" parentid="2606" weight="0"><name>seinen</name></tag>
  <tag id="2607" weight="0"><name>themes</name></tag>
  <tag id="9" parentid="2607" weight="600"><name>stars</name></tag>
  <tag id="10" parentid="2607" weight="0" globalspoiler="true"><name>it was a dream</name></tag>
 </tags>
 <characters><character id="5" type="appears in"><name>Cat</name></character>
  <character id="4" type="main character in"><name>Rei</name><picture>4.jpg</picture>
   <seiyuu id="6" picture="6.jpg">Aoi Mika</seiyuu></character></characters>
 <episodes>
  <episode id="3" update="2005-01-01"><epno type="3">C1</epno><length>2</length><title xml:lang="en">Opening</title></episode>
  <episode id="2"><epno type="1">2</epno><length>30</length></episode>
  <episode id="1" recap="true"><epno type="1">1</epno><length>30</length><airdate>2004-03-12</airdate>
   <title xml:lang="ja">夜</title></episode>
 </episodes>
</anime>"""


def record(text: str = SMALL, today: str | None = None) -> SourceRecord:
    return parse(text.encode(), today=today)


@recorded
def test_at_least_99_of_100_expected_values_are_right_and_the_others_explained() -> None:
    lines = [json.loads(line) for line in (RECORDINGS / "expected.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in lines if row["file"].startswith("anime")]
    records = {file: parse((RECORDINGS / file).read_bytes()) for file in {row["file"] for row in rows}}
    wrong = {
        (row["file"], row["field"])
        for row in rows
        if not agrees(records[row["file"]], row["field"], row["value"])
    }
    assert wrong == set(DIFFERENT_ON_PURPOSE)
    assert len(rows) > 400
    assert len(wrong) <= len(rows) / 100


@recorded
def test_studios_beyond_the_expected_ones_are_explained() -> None:
    wider = set()
    for path in RECORDINGS.glob("anime*/*.xml"):
        found = parse(path.read_bytes())
        if found.studios != found.raw["creators_animation_work"]:
            wider.add(f"{path.parent.name}/{path.name}")
    assert wider == set(STUDIOS_BESIDE_EXPECTED)


def test_nothing_played_or_recorded_is_left_without_a_word_of_ours() -> None:
    played = played_entries("anidb")
    assert len(played) > 10
    for path in [*played, *RECORDINGS.glob("anime*/*.xml")]:
        assert parse(path.read_bytes()).unmapped == [], path.name


NO_ENTRIES = [
    ("<error>Banned</error>", "banned"),
    ('<error code="500">banned</error>', "banned"),
    ("\ufeff<error>aid Missing or Invalid</error>", "not_found"),
    ("<error>Anime not found</error>", "not_found"),
    (SMALL[: len(SMALL) // 2], "error"),
    (
        '<main><hotanime><anime id="77"><title>Hoshi no Ko</title></anime></hotanime></main>',
        "changed_layout",
    ),
    ('<randomsimilar><similar><source aid="77"/></similar></randomsimilar>', "changed_layout"),
    ('<animetitles><anime aid="77"><title>Hoshi no Ko</title></anime></animetitles>', "changed_layout"),
    ("<!DOCTYPE html><title>AniDB AntiLeech - AniDB</title><p>Wait a day.</p>", "banned"),
    ("<html><head><title>403 Forbidden</title></head><h1>403 Forbidden</h1></html>", "banned"),
    ("<!DOCTYPE html><title>ERROR - AniDB</title><h1>ERROR</h1><p>Unknown anime id.</p>", "not_found"),
]
RECORDED_REFUSALS = [
    ("error/banned.xml", "banned"),
    ("error/banned.code500.xml", "banned"),
    ("error/aid_missing_or_invalid.xml", "not_found"),
    ("error/5576.truncated.xml", "error"),
    ("other_requests/main.xml", "changed_layout"),
    ("other_requests/randomsimilar.xml", "changed_layout"),
    ("titles/titles.tiny.xml", "changed_layout"),
    ("website_blocks/anti-leech_page.html", "banned"),
    ("website_blocks/nginx_error_page.html", "banned"),
    ("website_blocks/deleted_entry.html", "not_found"),
]


RECORDED = [
    (RECORDINGS / file, reason) for file, reason in RECORDED_REFUSALS if (RECORDINGS / file).is_file()
]


@pytest.mark.parametrize(
    ("body", "reason"), [*NO_ENTRIES, *((path.read_bytes(), reason) for path, reason in RECORDED)]
)
def test_what_is_no_entry_says_why(body: str | bytes, reason: str) -> None:
    with pytest.raises(NotAnEntry) as caught:
        parse(body if isinstance(body, bytes) else body.encode())
    assert caught.value.reason == reason


def test_titles_keep_language_and_kind_and_lose_their_backticks() -> None:
    found = record()
    assert found.title == "Hoshi'no Ko"
    assert (found.title_english, found.title_native) == ("Child of the Stars", "星の子")
    assert [(t.language, t.kind) for t in found.titles] == [
        ("ja-Latn", "main"),
        ("en", "official"),
        ("ja", "official"),
        ("es-419", "synonym"),
    ]


def test_a_chinese_work_has_a_chinese_native_title() -> None:
    text = SMALL.replace("x-jat", "x-zht").replace('"ja" type', '"zh-Hans" type')
    assert record(text).title_native == "星の子"
    assert record(text).titles[0].language == "zh-Latn"


def test_a_partial_date_stays_partial_and_still_tells_the_season() -> None:
    found = record()
    assert (found.start_date, found.season, found.year) == ("2004-03", "WINTER", 2004)


def test_restricted_means_adult() -> None:
    assert (record().adult, record().content_rating) == (True, "RX")
    plain = record(SMALL.replace('"true"', '"false"', 1))
    assert (plain.adult, plain.content_rating) == (False, None)


def test_zero_episodes_mean_that_nobody_knows() -> None:
    assert record(SMALL.replace("<episodecount>2", "<episodecount>0")).episode_count is None


def test_several_ids_of_one_site_give_the_first_and_stay_in_raw() -> None:
    found = record()
    assert found.ids == {"anidb": "77", "mal": "11", "imdb": "tt0012345", "tmdb": "tv/5"}
    assert found.raw["resources"]["2"] == [["11"], ["12"]]


@pytest.mark.parametrize(
    ("kind", "value", "url"),
    [
        ("6", "Panic?_(series)", "https://en.wikipedia.org/wiki/Panic%3F_(series)"),
        ("7", "星#.E3.83", "https://ja.wikipedia.org/wiki/%E6%98%9F"),
        ("28", "G1XHJ5VGZ", "https://www.crunchyroll.com/series/G1XHJ5VGZ"),
        ("28", "a-slug", "https://www.crunchyroll.com/a-slug"),
        ("26", "watch?v=abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk"),
        ("4", "https://hoshi.test/", "https://hoshi.test/"),
        ("4", "javascript:alert(1)", None),
        ("31", "17716", None),
    ],
)
def test_a_resource_becomes_a_link_a_stream_or_a_trailer(kind: str, value: str, url: str | None) -> None:
    entity = f"<externalentity><identifier>{value}</identifier></externalentity>"
    found = record(
        SMALL.replace(
            '<resource type="99">', f'<resource type="{kind}">{entity}</resource><resource type="99">'
        )
    )
    urls = [x.url for x in [*found.links, *found.streaming]] + [x.url for x in found.trailers]
    assert (url in urls) if url else not any(value in x for x in urls)


def test_unknown_words_are_reported_once_each() -> None:
    assert [(u.field, u.raw) for u in record().unmapped] == [("relation", "Dream"), ("site", "99")]
    assert [(r.kind, r.kind_raw) for r in record().relations] == [("SEQUEL", "Sequel"), ("OTHER", "Dream")]


def test_tags_that_stand_for_a_field_fill_it_and_headings_are_dropped() -> None:
    found = record()
    assert (found.source_material, found.demographics) == ("KOMA_4", ["Seinen"])
    assert [(t.name, t.weight, t.spoiler) for t in found.tags] == [
        ("stars", 1.0, False),
        ("it was a dream", None, True),
    ]
    assert "themes" in found.raw["structural_tags"]


def test_credits_make_studios_and_one_line_a_person() -> None:
    found = record()
    assert found.studios == ["Studio Lantern"]
    assert [(s.names[0].text, s.roles) for s in found.staff] == [("Ono Rei", ["Direction", "Music"])]


def test_work_is_the_studio_where_nobody_has_the_animation_work() -> None:
    assert record(SMALL.replace("Animation Work", "Work")).studios == ["Studio Lantern"]


def test_main_characters_come_first_with_their_voices() -> None:
    main, other = record().characters
    assert (main.role, main.names[0].text, other.role) == ("MAIN", "Rei", "BACKGROUND")
    assert main.images == ["https://cdn.anidb.net/images/main/4.jpg"]
    assert (main.voice_actors[0].names[0].text, main.voice_actors[0].language) == ("Aoi Mika", "ja")


def test_episodes_are_ordered_by_kind_and_number() -> None:
    found = record()
    assert [(e.kind, e.number) for e in found.episodes] == [("regular", 1), ("regular", 2), ("credit", 1)]
    assert (found.episodes[0].aired, found.episodes[0].recap) == ("2004-03-12", True)
    assert found.duration_seconds == 1800


def test_a_description_loses_links_markup_and_its_source() -> None:
    synopsis = record().synopsis
    assert synopsis and synopsis.text == "Rei's night. Really."


@pytest.mark.parametrize("blanks", ["", " ", " \t", "\u00a0 "])
def test_a_line_that_only_names_its_translator_is_no_part_of_a_description(blanks: str) -> None:
    assert prose(f"It is up to her.\n~{blanks}translated by somebody") == "It is up to her."


def test_the_permanent_rating_is_the_score() -> None:
    found = record()
    score = found.score
    assert score and (score.value, score.scale_min, score.scale_max, score.votes) == (7.25, 1, 10, 12)
    assert found.popularity == {"review_rating": 3.0, "permanent_votes": 12.0, "review_votes": 1.0}


@pytest.mark.parametrize(
    ("dates", "today", "status"),
    [
        ("<startdate>2004-03-12</startdate>", None, "AIRING"),
        ("<startdate>2004-03-12</startdate><enddate>2004-09-10</enddate>", None, "FINISHED"),
        ("<startdate>2006</startdate>", None, "UPCOMING"),
        ("<startdate>2005</startdate>", None, None),
        ("", None, None),
        ("<startdate>2006</startdate>", "2006-02-01", None),
        ("<startdate>2006</startdate>", "2007-01-01", "AIRING"),
        ("<startdate>2004-03-12</startdate><enddate>2026-12-01</enddate>", "2026-11-24", "AIRING"),
        ("<startdate>2026-12-01</startdate><enddate>2026-12-01</enddate>", "2026-11-24", "UPCOMING"),
    ],
)
def test_dates_tell_the_status_today_or_when_the_document_was_last_touched(
    dates: str, today: str | None, status: str | None
) -> None:
    text = SMALL.replace("<startdate>2004-03</startdate>", dates)
    assert record(text, today=today).status == status


def test_a_packed_document_reads_like_a_plain_one() -> None:
    assert parse(gzip.compress(SMALL.encode())) == record()


def test_a_document_without_titles_is_no_entry() -> None:
    with pytest.raises(NotAnEntry, match="title"):
        parse(b'<anime id="1"><type>OVA</type></anime>')


def test_a_number_with_a_fraction_is_not_cut() -> None:
    body = SMALL.replace('<epno type="1">2</epno>', '<epno type="1">1.5</epno>')
    assert [e.number for e in parse(body.encode()).episodes if e.kind == "regular"] == [1, 1.5]


def test_marks_in_other_letters_days_with_strokes_and_kinds_of_titles_are_read() -> None:
    tag = '<tag id="5" parentid="6" weight="400" localspoiler="TRUE"><name>a twist</name></tag>'
    episode = '<episode id="1" recap="1"><epno type="1">1</epno><airdate>1998/04/03</airdate></episode>'
    body = (
        '<anime id="7" restricted="False"><titles><title type="Main" xml:lang="x-jat">A</title></titles>'
        f"<startdate>1998/04/03</startdate><tags>{tag}</tags><episodes>{episode}</episodes></anime>"
    )
    record = parse(body.encode())
    assert (record.adult, record.start_date, record.titles[0].kind) == (False, "1998-04-03", "main")
    assert (record.tags[0].spoiler, record.episodes[0].recap, record.episodes[0].aired) == (
        True,
        True,
        "1998-04-03",
    )


def test_a_word_for_nobody_is_no_studio() -> None:
    body = (
        '<anime id="7"><titles><title type="main">A</title></titles><creators>'
        '<name id="1" type="Animation Work">k. A.</name><name id="2" type="Animation Work">Bones</name>'
        "</creators></anime>"
    )
    assert parse(body.encode()).studios == ["Bones"]
