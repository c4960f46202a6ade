from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.parsing.links import SITE_NAMES, collect_ids, ids_from_url, youtube_id

ADDRESSES = {
    "https://myanimelist.net/anime/21": ("mal", "21"),
    "myanimelist.net/anime/21/One_Piece": ("mal", "21"),
    "https://myanimelist.net/anime.php?id=21": ("mal", "21"),
    "https://www.anilist.co/anime/154587/Sousou-no-Frieren/": ("anilist", "154587"),
    "https://kitsu.io/anime/12": ("kitsu", "12"),
    "https://kitsu.app/api/edge/anime/12": ("kitsu", "12"),
    "kitsu.app/anime/one-piece": ("kitsu_slug", "one-piece"),
    "https://anidb.net/anime/69": ("anidb", "69"),
    "http://anidb.net/a69": ("anidb", "69"),
    "http://anidb.info/a69": ("anidb", "69"),
    "https://anidb.net/perl-bin/animedb.pl?show=anime&aid=69": ("anidb", "69"),
    "http://anidb.net/perl-bin/animedb.pl?show=anime;aid=69": ("anidb", "69"),
    "animeschedule.net/anime/k-on-2": ("animeschedule", "k-on-2"),
    "https://www.anisearch.de/anime/2227,one-piece": ("anisearch", "2227"),
    "anisearch.com/anime/2227": ("anisearch", "2227"),
    "https://www.anime-planet.com/anime/k-on-2/characters": ("anime_planet", "k-on-2"),
    "https://www.imdb.com/title/tt0213338/?ref_=x": ("imdb", "tt0213338"),
    "https://www.themoviedb.org/tv/37854-one-piece?language=en": ("tmdb", "tv/37854"),
    "https://thetvdb.com/?tab=series&id=81797": ("thetvdb", "81797"),
    "https://www.thetvdb.com/dereferrer/series/81797": ("thetvdb", "81797"),
    "https://www.animenewsnetwork.com/encyclopedia/anime.php?id=836": ("ann", "836"),
}

NO_ANIME = [
    "",
    "https://myanimelist.net/manga/13",
    "https://myanimelist.net/anime/0",
    "https://myanimelist.net/anime/21abc",
    "https://evilmyanimelist.net/anime/21",
    "https://myanimelist.net.evil.example/anime/21",
    "https://anime-planet.com/anime/all?name=x",
    "https://www.anidb.net/creator/5",
    "http://[::1/anime/21",
    "javascript://myanimelist.net/anime/21",
    "https://thetvdb.com/series/one-piece",
    None,
    21,
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_of_a_known_site_names_its_id(url: str) -> None:
    assert ids_from_url(url) == ADDRESSES[url]


@pytest.mark.parametrize("url", NO_ANIME)
def test_what_is_no_anime_page_names_no_id(url: object) -> None:
    assert ids_from_url(url) is None


def test_an_id_is_read_whole_and_never_as_a_prefix_of_another() -> None:
    assert ids_from_url("myanimelist.net/anime/2167") == ("mal", "2167")


def test_the_first_address_of_a_site_wins() -> None:
    urls = ["https://anidb.net/anime/69", "https://anidb.net/anime/70", "https://anilist.co/anime/21", None]
    assert collect_ids(urls) == {"anidb": "69", "anilist": "21"}


@given(st.text(max_size=200))
def test_any_text_gives_an_id_of_a_known_site_or_nothing(text: str) -> None:
    found = ids_from_url(text)
    assert found is None or found[0] in SITE_NAMES


@given(
    st.integers(1, 10**9), st.sampled_from(["", "http://", "https://", "https://www."]), st.text(max_size=20)
)
def test_a_number_survives_whatever_follows_it(number: int, scheme: str, tail: str) -> None:
    tail = tail.translate({ord(c): None for c in "?#[]"})
    assert ids_from_url(f"{scheme}anilist.co/anime/{number}/{tail}") == ("anilist", str(number))


@given(st.sampled_from(list(ADDRESSES)), st.text(max_size=5), st.integers(0, 60))
def test_a_damaged_address_never_raises(url: str, noise: str, at: int) -> None:
    found = ids_from_url(url[:at] + noise + url[at:])
    assert found is None or found[0] in SITE_NAMES


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=h371H0KIuPo",
        "https://www.youtube.com/watch?list=x&v=h371H0KIuPo",
        "https://youtu.be/h371H0KIuPo",
        "https://www.youtube-nocookie.com/embed/h371H0KIuPo?enablejsapi=1&wmode=opaque",
    ],
)
def test_a_video_has_one_id_in_every_form_of_its_address(url: str) -> None:
    assert youtube_id(url) == "h371H0KIuPo"


def test_another_address_shows_no_youtube_video() -> None:
    assert youtube_id("https://vimeo.com/123") is None
    assert youtube_id("https://youtu.be/short") is None
