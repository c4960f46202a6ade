"""What several sites claim, weighed: the most probable value stands, and how probable it is stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streams.config.policy_file import default_policy, load_policy
from streams.config.toml_file import PolicyError
from streams.merging.content_hash import content_hash
from streams.merging.provenance import plain
from streams.merging.tally import Tally
from streams.merging.weights import Table, Weights
from tests.support.partials import SEVEN, copiers, merged, partial, title


def table(*trusted: str, field: str = "type", right: float = 0.999, others: float = 0.6) -> Weights:
    """Everybody was seen in 500 works, ``trusted`` as good as always right."""
    agreement = {
        (field, source, "finished old"): Tally(500 * (right if source in trusted else others), 500)
        for source in SEVEN
    }
    return Weights(default_policy().starting, Table("7-1", agreement))


def test_five_that_agree_are_believed_against_the_first_of_the_order() -> None:
    record = merged(partial("jikan", episode_count=24), *(partial(s, episode_count=25) for s in SEVEN[1:6]))
    note = record.provenance["episode_count"]
    assert (record.episode_count, note.rule) == (25, "most_probable")
    assert set(note.sources) == set(SEVEN[1:6])
    assert [(b.source, b.value) for b in note.beaten] == [("jikan", 24)]
    assert note.confidence and note.confidence > 0.99


def test_the_order_decides_between_two_who_are_believed_alike() -> None:
    record = merged(partial("anilist", type="OVA"), partial("jikan", type="TV"))
    assert record.type == "TV"
    assert record.provenance["type"].confidence == pytest.approx(0.49, abs=0.02)


def test_one_site_that_is_always_right_is_believed_against_two_that_often_err() -> None:
    said = [partial("jikan", type="TV"), partial("anisearch", type="TV"), partial("kitsu", type="OVA")]
    assert merged(*said).type == "TV"
    assert merged(*said, weights=table("kitsu")).type == "OVA"


def test_one_claim_alone_is_believed_as_far_as_its_source_is() -> None:
    record = merged(partial("kitsu", type="OVA"), weights=table("jikan"))
    assert record.provenance["type"].confidence == pytest.approx(0.62, abs=0.02)


def test_two_that_never_differ_are_hardly_more_than_one_witness() -> None:
    said = [partial(s, type="TV") for s in ("kitsu", "anisearch")]
    said += [partial(s, type="OVA") for s in ("anidb", "anime_planet")]
    assert merged(*said, weights=copiers("kitsu", "anisearch")).type == "OVA"
    assert merged(*said, weights=copiers("anidb", "anime_planet")).type == "TV"


def test_what_is_counted_for_running_works_says_little_of_finished_ones() -> None:
    cells = {
        ("status", "jikan", "airing new"): Tally(50, 100),
        ("status", "jikan", "finished old"): Tally(400, 400),
    }
    weights = Weights(default_policy().starting, Table("1-1", cells))
    airing, finished = (
        weights.reliability("status", "jikan", kind) for kind in ("airing new", "finished old")
    )
    assert airing < 0.65 < 0.95 < finished


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        (("2020-07", "2020-07", "2020-07-03"), "2020-07-03"),
        (("2020-07-03", "2020-07-10", "2020-07-10"), "2020-07-10"),
        (("2020-07", "2020-07", "2019-05-01"), "2020-07"),
        (("2020-07-03", "2020-07-10", "2020-07"), "2020-07-03"),
        (("2020", "2020-01-01", "2020-07"), "2020-07"),
    ],
)
def test_dates_are_voted_on_among_equally_exact_ones(said: tuple[str, ...], stands: str) -> None:
    record = merged(*(partial(s, start_date=day) for s, day in zip(SEVEN, said, strict=False)))
    assert record.start_date == stands


def test_a_date_that_two_sites_have_filled_up_from_a_year_is_no_day() -> None:
    record = merged(partial("jikan", start_date="2027-01-01"), partial("kitsu", start_date="2027-12-31"))
    assert record.start_date == "2027"
    assert {b.value for b in record.provenance["start_date"].beaten} == {"2027-01-01", "2027-12-31"}


def test_twenty_four_and_twenty_five_minutes_are_half_an_agreement() -> None:
    two = [partial("jikan", duration_seconds=1440), partial("anidb", duration_seconds=3000)]
    near, far = partial("kitsu", duration_seconds=1500), partial("kitsu", duration_seconds=6000)
    sure, unsure = merged(*two, near), merged(*two, far)
    assert (sure.duration_seconds, unsure.duration_seconds) == (1440, 1440)
    assert sure.provenance["duration_seconds"].confidence > unsure.provenance["duration_seconds"].confidence  # type: ignore[operator]


def test_a_novel_is_half_of_a_web_novel() -> None:
    said = {"jikan": "NOVEL", "anilist": "NOVEL", "anidb": "WEB_NOVEL"}
    assert merged(*(partial(s, source_material=v) for s, v in said.items())).source_material == "WEB_NOVEL"


def test_who_has_no_word_for_cancelled_does_not_outvote_who_has() -> None:
    said = {"jikan": "UPCOMING", "kitsu": "UPCOMING", "anilist": "CANCELLED"}
    assert merged(*(partial(s, status=v) for s, v in said.items())).status == "CANCELLED"
    said["animeschedule"] = said["anisearch"] = "UPCOMING"
    assert merged(*(partial(s, status=v) for s, v in said.items())).status == "UPCOMING"


def headed(**headings: str) -> list[object]:
    return [
        partial(source, title=text, titles=[title(text, "ja-Latn", "main")])
        for source, text in headings.items()
    ]


def test_the_title_is_what_most_sites_head_the_work_with() -> None:
    name = "Hagane no Renkinjutsushi: Fullmetal Alchemist"
    record = merged(*headed(anidb="Hagane no Renkinjutsushi (2009)", jikan=name, anilist=name, kitsu=name))  # type: ignore[arg-type]
    assert record.title == name
    assert ("Hagane no Renkinjutsushi (2009)", "official") in [(t.text, t.kind) for t in record.titles]


def test_a_year_that_only_one_catalogue_needs_is_no_part_of_the_title() -> None:
    record = merged(*headed(anidb="Gintama (2015)", jikan="Gintama°", anilist="Gintama°"))  # type: ignore[arg-type]
    assert record.title == "Gintama°"
    alone = merged(*headed(anidb="Gintama (2015)"))  # type: ignore[arg-type]
    assert [(t.text, t.kind) for t in alone.titles] == [("Gintama", "main"), ("Gintama (2015)", "official")]
    assert [(b.source, b.value) for b in alone.provenance["title"].beaten] == [("anidb", "Gintama (2015)")]


def test_the_best_of_those_who_agree_on_a_title_writes_its_signs_and_case() -> None:
    record = merged(*headed(anilist="K-ON!!", anidb="K-On!!", kitsu="K-ON!!"))  # type: ignore[arg-type]
    assert record.title == "K-On!!"
    assert set(record.provenance["title"].sources) == {"anidb", "anilist", "kitsu"}


def test_a_relation_never_leads_to_the_work_itself() -> None:
    own = {"kind": "OTHER", "title": "The Voyage", "ids": {"mal": "5"}}
    film = {"kind": "SEQUEL", "title": "The Voyage: Film", "ids": {"mal": "6"}}
    book = {"kind": "ADAPTATION", "title": "The Voyage", "ids": {"mal": "5"}, "media": "manga"}
    record = merged(partial("jikan", source_id="5", ids={"mal": "5"}, relations=[own, film, book]))
    assert [(r.kind, r.media) for r in record.relations] == [("ADAPTATION", "manga"), ("SEQUEL", "anime")]
    assert [conflict.field for conflict in record.conflicts] == ["relations"]


def test_a_work_of_one_day_ends_on_it_and_says_that_this_follows() -> None:
    record = merged(partial("jikan", episode_count=1, start_date="2016-10-18"))
    assert record.end_date == "2016-10-18"
    assert record.provenance["end_date"].source == "derived"
    assert merged(partial("jikan", episode_count=12, start_date="2016-10-18")).end_date is None


def test_how_sure_we_are_is_no_content() -> None:
    said = [partial("jikan", type="TV"), partial("anilist", type="TV")]
    plainly, learned = merged(*said), merged(*said, weights=table("jikan"))
    assert plainly.provenance["type"].confidence != learned.provenance["type"].confidence
    assert (plainly.reliability_version, learned.reliability_version) == ("0", "7-1")
    assert plainly.content_hash == learned.content_hash == content_hash(learned)


def test_every_note_says_how_sure_it_is() -> None:
    record = merged(
        partial("jikan", type="TV", genres=["Drama"], episodes=[{"number": 1, "aired": "2020-01-05"}])
    )
    assert all(0 < note.confidence < 1 for note in record.provenance.values() if note.confidence)
    assert [path for path, note in record.provenance.items() if note.confidence is None] == []


@pytest.mark.parametrize(
    "own", ['policy = "order"', 'fields.type = "first"', 'fields.type = ["anilist", "jikan"]']
)
def test_the_users_policy_goes_back_to_the_order(tmp_path: Path, own: str) -> None:
    (tmp_path / "own.toml").write_text(own)
    said = [partial(s, type="OVA") for s in ("kitsu", "anidb", "anisearch")] + [partial("jikan", type="TV")]
    record = merged(*said, policy=load_policy(tmp_path / "own.toml"))
    assert (record.type, record.provenance["type"].rule) == ("TV", "first")
    assert record.provenance["type"].confidence < 0.1  # type: ignore[operator]


def test_a_site_that_the_user_excludes_has_no_weight(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('fields.type = { never = ["kitsu", "anidb"] }')
    said = [partial("kitsu", type="OVA"), partial("anidb", type="OVA"), partial("jikan", type="TV")]
    record = merged(*said, policy=load_policy(tmp_path / "own.toml"))
    assert (record.type, record.provenance["type"].rule) == ("TV", "most_probable")


def test_a_policy_that_is_neither_learned_nor_by_order_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('policy = "orders"')
    with pytest.raises(PolicyError, match="order"):
        load_policy(tmp_path / "own.toml")


def test_episodes_name_everybody_who_agrees() -> None:
    day = [{"number": 1, "aired": "2020-01-05"}, {"number": 2, "aired": "2020-01-12"}]
    other = [{"number": 1, "aired": "2020-01-05"}, {"number": 2, "aired": "2020-01-13"}]
    record = merged(
        partial("jikan", episodes=day), partial("anidb", episodes=day), partial("kitsu", episodes=other)
    )
    assert record.provenance["episodes[].aired"].sources == ["jikan", "anidb", "kitsu"]
    assert record.provenance["episodes[1].aired"].sources == ["jikan", "anidb"]


def test_a_value_is_never_beaten_by_itself() -> None:
    record = merged(
        *(partial(s, type="TV", title="The Voyage", start_date="2020-01-05") for s in SEVEN),
        overrides={"type": "TV"},
    )
    for path in ("type", "title", "start_date"):
        assert plain(getattr(record, path)) not in [b.value for b in record.provenance[path].beaten]


def test_an_id_of_a_site_that_did_not_answer_is_what_most_probably_is_right() -> None:
    said = {"anilist": "7", "animeschedule": "7", "anidb": "9", "kitsu": "7"}
    record = merged(*(partial(source, ids={"mal": mal}) for source, mal in said.items()))
    assert record.ids["mal"] == "7"
    note = record.provenance["ids.mal"]
    assert (note.rule, note.beaten[0].value) == ("most_probable", "9")
    assert (note.confidence or 0) > 0.97


def test_days_and_lengths_of_episodes_are_what_most_say() -> None:
    def listed(day: str, seconds: int) -> list[dict[str, Any]]:
        return [
            {"number": 1, "aired": "2020-01-05", "duration_seconds": 1440},
            {"number": 2, "aired": day, "duration_seconds": seconds},
        ]

    record = merged(
        partial("jikan", episodes=listed("2020-01-13", 3000)),
        partial("anidb", episodes=listed("2020-01-12", 1440)),
        partial("kitsu", episodes=listed("2020-01-12", 1440)),
        partial("anisearch", episodes=listed("2020-01", 1440)),
    )
    assert [(e.aired, e.duration_seconds) for e in record.episodes] == [
        ("2020-01-05", 1440),
        ("2020-01-12", 1440),
    ]


def test_no_season_is_made_of_the_edge_of_a_year_that_only_a_site_says_that_fills_up() -> None:
    day: dict[str, Any] = {"type": "TV", "start_date": "2020-01-01", "raw": {"startDate": "2020-01-01"}}
    assert merged(partial("kitsu", **day)).season is None
    both = merged(
        partial("kitsu", **day),
        partial("jikan", **{**day, "season": "WINTER", "raw": {"aired": "Jan 1, 2020 to ?"}}),
    )
    assert (both.season, both.year) == ("WINTER", 2020)
