"""Characters with their voices, and staff, joined over sites that share no ids."""

from __future__ import annotations

from sources.record import Name, Staff, VoiceActor
from tests.support.partials import character, merged, partial


def voice(*names: str, language: str = "ja", **rest: object) -> VoiceActor:
    return VoiceActor.model_validate({"names": [{"text": n} for n in names], "language": language, **rest})


def test_a_character_is_one_in_any_order_of_name_parts_and_any_script() -> None:
    record = merged(
        partial("jikan", characters=[character("Spiegel, Spike", role="MAIN", ids={"mal": "1"})]),
        partial(
            "anilist",
            characters=[
                character("Spike Spiegel", "スパイク・スピーゲル", role="MAIN", ids={"anilist": "1"})
            ],
        ),
        partial(
            "anidb", characters=[character("スパイク スピーゲル", role="SUPPORTING", ids={"anidb": "231"})]
        ),
    )
    (spike,) = record.characters
    assert [name.text for name in spike.names] == ["Spike Spiegel", "スパイク・スピーゲル"]
    assert spike.ids == {"anidb": "231", "anilist": "1", "mal": "1"}
    assert spike.role == "MAIN"
    assert record.provenance["characters[0].role"].beaten[0].value == "SUPPORTING"


def test_two_characters_of_one_name_are_not_guessed_together() -> None:
    twice = [character("Narrator", ids={"mal": n}) for n in ("1", "2")]
    record = merged(
        partial("jikan", characters=twice), partial("anilist", characters=[character("Narrator")])
    )
    assert len(record.characters) == 3


def test_a_nickname_joins_only_what_is_unmistakable() -> None:
    record = merged(
        partial("anilist", characters=[character("Edward Elric", "Ed"), character("Edward Wong", "Ed")]),
        partial("jikan", characters=[character("Ed")]),
    )
    assert len(record.characters) == 3


def test_part_of_a_name_and_the_same_voice_make_one_character() -> None:
    record = merged(
        partial(
            "anilist", characters=[character("Edward Wong Hau Pepelu", voice_actors=[voice("Aoi Tada")])]
        ),
        partial(
            "anidb",
            characters=[
                character("Edward", voice_actors=[voice("Tada Aoi")]),
                character("Edwin", voice_actors=[voice("Tada Aoi")]),
            ],
        ),
    )
    assert [c.sources for c in record.characters] == [["anilist", "anidb"], ["anidb"]]


def test_a_voice_is_one_per_person_and_language() -> None:
    record = merged(
        partial(
            "anilist",
            characters=[
                character(
                    "Spike", voice_actors=[voice("Kouichi Yamadera", "山寺宏一", image="https://a.example/1")]
                )
            ],
        ),
        partial(
            "jikan",
            characters=[
                character(
                    "Spike",
                    voice_actors=[
                        voice("Yamadera, Kouichi", image="https://j.example/1"),
                        voice("Blum, Steven", language="en"),
                    ],
                )
            ],
        ),
    )
    (spike,) = record.characters
    assert [(a.names[0].text, a.language) for a in spike.voice_actors] == [
        ("Kouichi Yamadera", "ja"),
        ("Blum, Steven", "en"),
    ]
    assert record.provenance["characters[0].voice_actors[0].image"].beaten[0].value == "https://j.example/1"


def test_main_characters_come_first_and_a_spoiler_stays_one() -> None:
    record = merged(
        partial("anilist", characters=[character("Ein", role="SUPPORTING"), character("Jet", role="MAIN")]),
        partial("anidb", characters=[character("Ein", role="UNKNOWN", spoiler=True)]),
    )
    assert [(c.names[0].text, c.spoiler) for c in record.characters] == [("Jet", False), ("Ein", True)]


def test_staff_keep_everything_they_did() -> None:
    def person(name: str, *roles: str) -> Staff:
        return Staff(names=[Name(text=name)], roles=list(roles))

    record = merged(
        partial("anilist", staff=[person("Shinichirou Watanabe", "Director", "Storyboard")]),
        partial("jikan", staff=[person("Watanabe, Shinichiro", "director", "Episode Director")]),
    )
    (watanabe,) = record.staff
    assert watanabe.roles == ["Director", "Storyboard", "Episode Director"]
    assert watanabe.sources == ["anilist", "jikan"]


def test_a_language_is_spoken_the_same_in_any_script() -> None:
    record = merged(
        partial(
            "anilist", characters=[character("Wei Wuxian", voice_actors=[voice("Jie Zhang", language="zh")])]
        ),
        partial(
            "anidb",
            characters=[character("Wei Wuxian", voice_actors=[voice("Zhang Jie", language="zh-Hans")])],
        ),
    )
    assert len(record.characters[0].voice_actors) == 1
