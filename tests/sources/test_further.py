"""Facts that other records have no field for are kept, in the site's own words; each shape is one that was recorded."""

from __future__ import annotations

import datetime as dt
import json

from sources import anidb, anime_planet, animeschedule, anisearch, jikan
from sources.jikan.official_entry import parse_official
from tests.support.demo_pages import demo_page, demo_reply

STREAMS = '<section id="streams" class="empty"><h2>Streams</h2><div class="helptext">Nothing is known yet.</div></section>'
TRAILERS = STREAMS.replace("streams", "trailers").replace("Streams", "Trailers")


def test_what_jikan_tells_of_the_background_is_kept_and_its_word_for_none_is_not() -> None:
    reply = json.loads(demo_reply("jikan", "bebop.json"))
    for said, kept in (("Won a prize.", {"background": "Won a prize."}), ("", {}), (None, {})):
        reply["data"]["background"] = said
        assert jikan.parse(json.dumps(reply).encode()).further == kept
    reply["data"]["background"] = (
        "No background information has been added to this title. Help improve our database"
    )
    assert jikan.parse(json.dumps(reply).encode()).further == {}


def test_myanimelist_s_own_answer_tells_the_same_and_when_it_was_edited() -> None:
    node = {
        "id": 1,
        "title": "A",
        "background": "Won a prize.",
        "updated_at": "2024-01-02T03:04:05+00:00",
        "nsfw": "white",
    }
    said = parse_official(json.dumps(node).encode()).further
    assert said == {"background": "Won a prize.", "nsfw": "white", "updated_at": "2024-01-02T03:04:05+00:00"}


def test_the_times_of_subtitles_and_dub_are_kept_without_their_dates() -> None:
    entry = {"route": "a", "title": "A", "subTime": "0002-03-31T10:31:00Z", "dubTime": "0001-01-01T00:00:00Z"}
    entry |= {
        "dubDelayedFrom": "2026-01-01T00:00:00Z",
        "dubDelayedUntil": "2026-02-01T00:00:00Z",
        "dubDelayedDesc": "Break",
    }
    body = json.dumps(entry).encode()
    held = animeschedule.parse(body, now=dt.datetime(2026, 1, 9, tzinfo=dt.UTC))
    assert held.further == {"sub_time": "10:31 UTC", "dub_delay": "2026-01-01 to 2026-02-01 Break"}
    later = animeschedule.parse(body, now=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    assert later.further == {"sub_time": "10:31 UTC"}


def test_an_episode_of_anidb_says_where_it_can_be_watched() -> None:
    resource = '<resource type="{}"><externalentity><identifier>{}</identifier></externalentity></resource>'
    resources = [
        resource.format(*one) for one in (("28", "682119"), ("28", "GQJUGVK55"), ("28", "a b"), ("4", "5"))
    ]
    episode = f'<episode id="1"><epno type="1">1</epno><resources>{"".join(resources)}</resources></episode>'
    titles = '<titles><title type="main">A</title></titles>'
    (found,) = anidb.parse(f'<anime id="7">{titles}<episodes>{episode}</episodes></anime>'.encode()).episodes
    assert [link.url.rpartition("/")[2] for link in found.links] == ["media-682119", "GQJUGVK55"]
    assert {(link.site, link.kind) for link in found.links} == {("Crunchyroll", "streaming")}


def test_a_trailer_and_a_video_of_anisearch_tell_how_long_they_are() -> None:
    card = '<li><a href="anime/1572/{}/9" data-bg="{}"><span class="info"><span class="title">{}</span>{}</span><span class="name">Youtube</span></a></li>'
    film = card.format("trailer", "anime/stream/thumb/9.webp", "", '<span class="time">01:05</span>')
    video = card.format("streams", "anime/stream/thumb/8.webp", "Yume", '<span class="time">95:05</span>')
    offer = card.format("streams", "streams/netflix.webp", "Cowboy Bebop", "").replace("Youtube", "Netflix")
    record = anisearch.parse(
        demo_page(
            "anisearch",
            "bebop",
            (STREAMS, f'<section id="streams"><ul>{video}{offer}</ul></section>'),
            (TRAILERS, f'<section id="trailers"><ul>{film}</ul></section>'),
        )
    )
    assert [film.duration_seconds for film in record.trailers] == [65]
    assert [(link.site, link.note) for link in record.streaming] == [
        ("Youtube", "Yume (95:05)"),
        ("Netflix", None),
    ]


def test_anisearch_tells_who_holds_the_rights_and_whose_description_it_is() -> None:
    cover = '<figure id="cover-container"><figcaption>© <a href="https://a.example">A Partners</a></figcaption></figure>'
    credit = '<div class="source">Source: <a href="https://b.example">ANN</a></div>'
    body = demo_page(
        "anisearch", "bebop", ('class="textblock details-text">', f'class="textblock details-text">{credit}')
    )
    record = anisearch.parse(
        body.replace(b'<section id="description">', cover.encode() + b'<section id="description">')
    )
    assert record.further == {"copyright": "© A Partners", "synopsis_source": "ANN"}
    assert record.synopsis
    assert "ANN" not in record.synopsis.text
    assert anisearch.parse(demo_page("anisearch", "bebop")).further == {}


WATCH = """<div id="watchOnline"><div class="videoList videoList--pull-left {}"><div class="slick">
<div class="card landscape"><a href="/anime/frieren/videos/1"><img src="/l.svg" data-src="https://i.example/1.jpg"><h4>Episode 1</h4></a><p>{}</p></div>
<div class="card landscape"><a href="/anime/frieren/videos/2"><h4>Special</h4></a><p>Extra</p></div></div></div></div>"""


def test_anime_planet_tells_where_each_episode_can_be_watched() -> None:
    end = b'<div class="pure-g entrySynopsis">'
    lists = WATCH.format("Cr", "The Journey's End") + WATCH.format("Yt", "").replace("videos/", "videos/9")
    record = anime_planet.parse(demo_page("anime_planet", "frieren").replace(end, lists.encode() + end, 1))
    assert [link.site for link in record.streaming] == ["Crunchyroll", "YouTube"]
    (episode,) = record.episodes
    assert (episode.number, episode.thumbnail) == (1, "https://i.example/1.jpg")
    assert [title.text for title in episode.titles] == ["The Journey's End"]
    assert [link.url.rpartition("/")[2] for link in episode.links] == ["1", "91"]


def test_videos_of_episodes_beyond_a_thousand_and_between_two_are_read() -> None:
    end = b'<div class="pure-g entrySynopsis">'
    for written, number, kind in (("1,000", 1000, "regular"), ("13.5", 13.5, "special")):
        lists = WATCH.format("Cr new", "A").replace("Episode 1<", f"Episode {written}<").encode()
        record = anime_planet.parse(demo_page("anime_planet", "frieren").replace(end, lists + end, 1))
        assert [(one.number, one.kind) for one in record.episodes] == [(number, kind)]
        assert [link.site for link in record.streaming] == ["Crunchyroll"]


def test_anime_planet_tells_whose_synopsis_it_is() -> None:
    notes = b'<div class="notes"><p>Source:&nbsp;Netflix</p></div>'
    start = b'<div class="pure-g entrySynopsis">'
    record = anime_planet.parse(demo_page("anime_planet", "frieren").replace(start, start + notes, 1))
    assert record.further == {"synopsis_source": "Netflix"}
