"""Lists without repetitions: studios, genres, tags, links, videos, relations, songs, ratings."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.record import Image, Link, Relation, Score, Tag, ThemeSong, Trailer
from streams.config.policy_file import load_policy
from streams.contract.record import EnrichedRecord
from streams.text.keys import company_key, person_key, title_key, url_key
from tests.support.partials import merged, partial


def test_a_studio_is_one_studio_however_it_is_spelled() -> None:
    record = merged(
        partial("anisearch", studios=["MADHOUSE Inc.", "Tōei Animation Co., Ltd."]),
        partial("jikan", studios=["Madhouse"]),
        partial("anilist", studios=["MADHOUSE", "Toei Animation"]),
    )
    assert record.studios == ["Madhouse", "Toei Animation"]
    assert record.provenance["studios[0]"].sources == ["jikan", "anilist", "anisearch"]
    assert ("anisearch", "MADHOUSE Inc.") in [
        (b.source, b.value) for b in record.provenance["studios[0]"].beaten
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Satelight", "satelight inc."),
        ("WIT STUDIO, Inc.", "Wit Studio"),
        ("株式会社ボンズ", "ボンズ"),
        ("A-1 Pictures", "A-1 Pictures Inc."),
    ],
)
def test_legal_forms_are_no_part_of_a_name(one: str, other: str) -> None:
    assert company_key(one) == company_key(other)
    assert company_key("Inc.") and company_key("Co") != company_key("Bones")


def test_genres_have_one_name_by_the_policys_aliases() -> None:
    record = merged(
        partial("jikan", genres=["Sci-Fi"]), partial("kitsu", genres=["Science Fiction", "SCI-FI", "Drama"])
    )
    assert record.genres == ["Sci-Fi", "Drama"]
    assert merged(partial("kitsu", genres=["Science Fiction"])).genres == ["Sci-Fi"]


def test_a_spoiler_mark_of_any_site_stands() -> None:
    record = merged(
        partial("anilist", tags=[Tag(name="Tragedy", weight=0.5)]),
        partial("anidb", tags=[Tag(name="tragedy", weight=0.9, spoiler=True, adult=True)]),
    )
    (tag,) = record.tags
    assert (tag.name, tag.weight, tag.spoiler, tag.adult) == ("Tragedy", 0.5, True, True)
    assert record.provenance["tags[0].weight"].beaten[0].value == 0.9


def test_adult_is_a_union_and_never_a_majority() -> None:
    record = merged(
        partial("anilist", adult=False), partial("jikan", adult=False), partial("kitsu", content_rating="RX")
    )
    assert record.adult is True
    assert merged(partial("anilist", adult=False)).adult is False
    assert merged(partial("jikan")).adult is None


def test_a_video_is_one_video_in_any_form_of_address() -> None:
    record = merged(
        partial(
            "anilist",
            trailers=[Trailer(site="youtube", id="abcdefghijk", url="https://youtu.be/abcdefghijk")],
        ),
        partial(
            "jikan", trailers=[Trailer(site="YouTube", url="https://www.youtube.com/watch?v=abcdefghijk&t=3")]
        ),
    )
    assert len(record.trailers) == 1


def test_an_address_is_one_address_in_any_form() -> None:
    forms = ["https://www.example.com/a/", "http://example.com/a", "https://example.com/a?utm_source=x#top"]
    assert len({url_key(url) for url in forms}) == 1
    assert url_key("https://example.com/a?p=1") != url_key("https://example.com/a?p=2")


def test_links_to_one_entry_are_one_link_and_sites_have_one_name() -> None:
    record = merged(
        partial("anilist", links=[Link(site="Official Site", url="https://show.example/")]),
        partial(
            "jikan", links=[Link(site="AniDB", url="https://anidb.net/perl-bin/animedb.pl?show=anime&aid=23")]
        ),
        partial("animeschedule", links=[Link(site="AniDB", url="https://anidb.net/anime/23")]),
    )
    assert [link.site for link in record.links] == ["Official Website", "AniDB"]


def test_pictures_are_united_posters_first() -> None:
    record = merged(
        partial("anilist", images=[Image(url="https://a.example/b.jpg", kind="banner")]),
        partial("jikan", images=[Image(url="https://a.example/p.jpg"), Image(url="http://a.example/p.jpg")]),
    )
    assert [image.kind for image in record.images] == ["poster", "banner"]


def relations(record: EnrichedRecord) -> list[tuple[str, str | None, list[str]]]:
    return [(r.kind, r.title, r.sources) for r in record.relations]


def test_what_several_sites_name_comes_first_with_the_kind_that_most_give() -> None:
    record = merged(
        partial(
            "jikan",
            relations=[
                Relation(kind="OTHER", title="Film", ids={"mal": "5"}),
                Relation(kind="SEQUEL", title="Second", ids={"mal": "7"}),
            ],
        ),
        partial(
            "anilist",
            relations=[Relation(kind="SIDE_STORY", title="The Film", ids={"anilist": "5", "mal": "5"})],
        ),
        partial("anidb", relations=[Relation(kind="SIDE_STORY", title="film", ids={"anidb": "219"})]),
    )
    assert relations(record) == [
        ("SIDE_STORY", "Film", ["jikan", "anilist", "anidb"]),
        ("SEQUEL", "Second", ["jikan"]),
    ]
    assert record.relations[0].ids == {"anidb": "219", "anilist": "5", "mal": "5"}


def test_two_works_of_one_title_stay_two() -> None:
    manga = [
        Relation(kind="ADAPTATION", title="Bebop", media="manga", ids={"mal": n}) for n in ("173", "174")
    ]
    record = merged(
        partial("jikan", relations=manga),
        partial(
            "kitsu", relations=[Relation(kind="ADAPTATION", title="Bebop", media="manga", ids={"kitsu": "1"})]
        ),
    )
    assert len(record.relations) == 3


def test_sites_that_turn_a_relation_round_are_listed() -> None:
    record = merged(
        partial("jikan", relations=[Relation(kind="SEQUEL", title="Second")]),
        partial("kitsu", relations=[Relation(kind="PREQUEL", title="Second")]),
    )
    assert [(c.field, c.values) for c in record.conflicts] == [
        ("relations[0].kind", {"jikan": "SEQUEL", "kitsu": "PREQUEL"})
    ]


def test_a_relation_by_id_alone_joins_the_only_one_of_its_kind() -> None:
    route = Relation(kind="SEQUEL", ids={"animeschedule": "k-on-2"})
    record = merged(
        partial(
            "jikan", relations=[Relation(kind="SEQUEL", title="K-On!!"), Relation(kind="OTHER", title="Film")]
        ),
        partial("animeschedule", relations=[route]),
    )
    assert relations(record)[0] == ("SEQUEL", "K-On!!", ["jikan", "animeschedule"])


def test_songs_are_joined_by_kind_and_title() -> None:
    record = merged(
        partial(
            "jikan",
            theme_songs=[
                ThemeSong(kind="ending", title="Blue"),
                ThemeSong(kind="opening", title="Tank!", number=1),
            ],
        ),
        partial("newsite", theme_songs=[ThemeSong(kind="opening", title="TANK!", artist="The Seatbelts")]),
    )
    assert [(s.title, s.artist) for s in record.theme_songs] == [("Tank!", "The Seatbelts"), ("Blue", None)]


def score(value: float, low: float, high: float, votes: int | None = None) -> Score:
    return Score(value=value, scale_min=low, scale_max=high, votes=votes)


def test_a_rating_is_what_people_read_of_ten() -> None:
    assert merged(partial("jikan", score=score(4.4, 1, 10, 5))).score.value == 4.4  # type: ignore[union-attr]
    assert merged(partial("anime_planet", score=score(4, 0.5, 5, 5))).score.value == 8  # type: ignore[union-attr]
    assert merged(partial("anilist", score=score(71, 0, 100, 5))).score.value == 7.1  # type: ignore[union-attr]


@pytest.mark.parametrize("rule", ["vote_weighted_mean", "mean", "median", "first"])
def test_the_combined_rating_lies_between_the_lowest_and_the_highest(tmp_path: Path, rule: str) -> None:
    (tmp_path / "own.toml").write_text(f'fields.score = "{rule}"')
    rated = [
        partial("jikan", score=score(4.4, 1, 10, 9)),
        partial("anime_planet", score=score(2.3, 0.5, 5, 1)),
    ]
    record = merged(*rated, policy=load_policy(tmp_path / "own.toml"))
    assert record.score and 4.4 <= record.score.value <= 4.6
    assert record.score.value not in [beaten.value for beaten in record.provenance["score"].beaten]


def test_twelve_votes_do_not_outweigh_a_million() -> None:
    record = merged(
        partial("jikan", score=score(9, 1, 10, 1_000_000)), partial("anisearch", score=score(0.1, 0.1, 5, 12))
    )
    assert record.score and record.score.value == pytest.approx(9.0, abs=0.01)
    assert (record.score.votes, record.score.rule) == (1_000_012, "vote_weighted_mean")
    assert set(record.scores) == {"jikan", "anisearch"}


def test_nobody_rated_is_no_rating() -> None:
    record = merged(partial("kitsu", score=score(0, 0, 100)), partial("anilist", score=score(120, 0, 100)))
    assert (record.score, record.scores) == (None, {})


def test_names_are_one_in_any_order_of_their_parts() -> None:
    assert person_key("Spiegel, Spike") == person_key("Spike Spiegel") == person_key("SPIKE SPIEGEL")
    assert person_key("Watanabe Shin'ichirou") == person_key("Shinichirō Watanabe")
    assert person_key("スパイク・スピーゲル") == person_key("スパイク スピーゲル")
    assert title_key("けいおん！") == title_key("けいおん!") != title_key("けいおん!!")


def test_a_site_that_knows_other_titles_names_the_same_work_by_kind_type_and_year() -> None:
    def second(title: str | None, **rest: object) -> Relation:
        return Relation.model_validate({"kind": "SEQUEL", "title": title, **rest})

    record = merged(
        partial("jikan", relations=[second("K-On!!", type="TV", year=2010, ids={"mal": "7791"})]),
        partial(
            "anime_planet",
            relations=[second("K-ON! Season 2", type="TV", year=2010, ids={"anime_planet": "k-on-2"})],
        ),
        partial("animeschedule", relations=[second(None, ids={"animeschedule": "k-on-2"})]),
    )
    assert relations(record) == [("SEQUEL", "K-On!!", ["jikan", "anime_planet", "animeschedule"])]


def test_two_sequels_of_one_year_are_not_guessed_together() -> None:
    def film(title: str) -> Relation:
        return Relation(kind="SEQUEL", title=title, type="MOVIE", year=2012)

    record = merged(
        partial("jikan", relations=[film("Hajimari"), film("Eien")]),
        partial("anime_planet", relations=[film("Beginnings")]),
    )
    assert len(record.relations) == 3


def test_tags_are_no_genres() -> None:
    record = merged(partial("jikan", genres=["Drama"]), partial("anime_planet", genres=["Drama", "Elves"]))
    assert record.genres == ["Drama"]
    assert record.provenance["genres"].beaten[0].value == ["Drama", "Elves"]


def test_the_genres_of_anisearch_are_genres() -> None:
    record = merged(
        partial("jikan", genres=["Drama"]), partial("anisearch", genres=["Science-Fiction", "Drama"])
    )
    assert record.genres == ["Drama", "Sci-Fi"]


def test_a_tag_is_one_tag_in_the_plural() -> None:
    record = merged(
        partial("anilist", tags=[Tag(name="Pirates")]),
        partial("anidb", tags=[Tag(name="pirate"), Tag(name="chess")]),
    )
    assert [tag.name for tag in record.tags] == ["chess", "Pirates"]


def test_a_site_with_fewer_words_contradicts_nobody() -> None:
    materials = merged(
        partial("jikan", source_material="KOMA_4"), partial("anilist", source_material="MANGA")
    )
    ratings = merged(partial("jikan", content_rating="PG13"), partial("kitsu", content_rating="PG"))
    assert materials.conflicts == ratings.conflicts == []
    assert merged(
        partial("jikan", source_material="KOMA_4"), partial("anilist", source_material="NOVEL")
    ).conflicts


def test_one_number_of_a_manga_and_of_an_anime_means_two_works() -> None:
    manga = Relation(kind="ADAPTATION", media="manga", title="The Voyage", ids={"mal": "13"})
    anime = Relation(kind="SEQUEL", media="anime", title="The Voyage: Film", ids={"mal": "13"})
    record = merged(partial("jikan", relations=[manga]), partial("anilist", relations=[anime]))
    assert [(one.media, one.ids) for one in record.relations] == [
        ("manga", {"mal": "13"}),
        ("anime", {"mal": "13"}),
    ]


def test_descriptions_of_all_languages_stand_beside_the_chosen_one() -> None:
    english = {"text": "A voyage.", "source": "anisearch"}
    german = {"text": "Eine Reise.", "language": "de", "source": "anisearch"}
    record = merged(
        partial("anisearch", synopsis=english, synopses=[english, german]),
        partial("jikan", synopsis={"text": "They set out.", "source": "jikan"}),
        partial("kitsu", synopsis={"text": "They  set out.", "source": "kitsu"}),
    )
    assert record.synopsis
    assert (record.synopsis.source, record.synopsis.text) == ("jikan", "They set out.")
    assert [(s.source, s.language) for s in record.synopses] == [
        ("jikan", "en"),
        ("anisearch", "en"),
        ("anisearch", "de"),
    ]
    assert record.provenance["synopses"].sources == ["jikan", "anisearch"]


def test_releases_tell_when_a_work_came_out_in_which_language() -> None:
    record = merged(
        partial("animeschedule", releases=[{"language": "en", "kind": "dub", "start_date": "2021-01-05"}]),
        partial(
            "anisearch",
            releases=[
                {"language": "ja", "kind": "original", "status": "FINISHED", "start_date": "2020-01-05"},
                {"language": "de", "kind": "release", "start_date": "2022", "companies": ["Kazé"]},
            ],
        ),
    )
    assert [(r.language, r.kind, r.start_date) for r in record.releases] == [
        ("ja", "original", "2020-01-05"),
        ("de", "release", "2022"),
        ("en", "dub", "2021-01-05"),
    ]


def test_a_character_says_its_gender_and_what_it_is() -> None:
    record = merged(
        partial(
            "anilist", characters=[{"names": [{"text": "Rei"}], "ids": {"anilist": "1"}, "gender": "female"}]
        ),
        partial("anidb", characters=[{"names": [{"text": "Rei"}], "ids": {"anidb": "2"}, "kind": "Mecha"}]),
    )
    assert [(c.gender, c.kind) for c in record.characters] == [("female", "Mecha")]
