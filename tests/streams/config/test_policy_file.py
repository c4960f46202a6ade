"""The policy as data: what the user may write, and what is said when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.discovery import id_names
from sources.record import Synopsis
from streams.config.policy_file import default_policy, load_policy
from streams.config.toml_file import PolicyError
from streams.contract.record import EnrichedRecord
from streams.merging.policy import FIELDS, KINDS, Policy
from tests.support.partials import episode, merged, partial

Load = Callable[[str], Policy]


@pytest.fixture
def own(tmp_path: Path) -> Load:
    def load(text: str) -> Policy:
        path = tmp_path / "policy.toml"
        path.write_text(text, encoding="utf-8")
        return load_policy(path)

    return load


def test_the_shipped_policy_decides_every_field_of_the_record() -> None:
    facts = set(EnrichedRecord.model_fields) & {name for name in FIELDS if "." not in name}
    assert facts <= set(default_policy().fields)
    assert {rule.rule for rule in default_policy().fields.values()} <= {
        r for rules in KINDS.values() for r in rules
    }


def test_the_users_file_overrides_field_by_field(own: Load) -> None:
    policy = own('[fields]\ntype = ["kitsu"]')
    assert policy.of("type").order == ("kitsu",)
    assert policy.of("status") == default_policy().of("status")
    assert merged(partial("jikan", type="TV"), partial("kitsu", type="ONA"), policy=policy).type == "ONA"


def test_a_rule_alone_keeps_the_shipped_order(own: Load) -> None:
    policy = own('[fields]\nepisode_count = "max"')
    assert policy.of("episode_count").order == default_policy().of("episode_count").order
    counts = merged(partial("jikan", episode_count=12), partial("anidb", episode_count=13), policy=policy)
    assert (counts.episode_count, counts.provenance["episode_count"].rule) == (13, "max")


def test_a_source_that_is_never_believed_is_still_shown() -> None:
    record = merged(partial("anidb", synopsis=Synopsis(text="Notes.")))
    assert record.synopsis is None
    assert record.provenance["synopsis"].beaten[0].source == "anidb"


def test_a_field_can_be_left_out(own: Load) -> None:
    policy = own('[fields]\ngenres = "omit"\nsynopsis = "omit"\ncharacters = "omit"\nscore = "omit"')
    record = merged(partial("jikan", genres=["Action"], synopsis=Synopsis(text="Text")), policy=policy)
    assert (record.genres, record.synopsis) == ([], None)


def test_a_list_can_be_taken_from_one_source_alone(own: Load) -> None:
    policy = own('[fields]\ngenres = { rule = "first", order = ["kitsu", "jikan"] }')
    assert merged(partial("jikan", genres=["A"]), partial("kitsu", genres=["B"]), policy=policy).genres == [
        "B"
    ]


@pytest.mark.parametrize(
    "text", ['[fields]\n"episodes.aired" = ["kitsu"]', '[fields]\nepisodes.aired = ["kitsu"]']
)
def test_a_part_of_an_episode_has_its_own_order(own: Load, text: str) -> None:
    record = merged(
        partial("jikan", episodes=[episode(1, "2009-04-03")]),
        partial("kitsu", episodes=[episode(1, "2009-04-04")]),
        policy=own(text),
    )
    assert record.episodes[0].aired == "2009-04-04"


def test_aliases_are_added_to_the_shipped_ones(own: Load) -> None:
    policy = own('[aliases.studios]\n"Studio Pierrot" = "Pierrot"')
    record = merged(
        partial("jikan", studios=["Studio Pierrot"]),
        partial("anilist", studios=["Pierrot", "KyoAni"]),
        policy=policy,
    )
    assert record.studios == ["Pierrot", "Kyoto Animation"]


def test_the_users_order_of_ids_goes_before_the_shipped_one(own: Load) -> None:
    shipped = default_policy().id_order
    assert set(shipped) == set(id_names())
    order = own('[ids]\norder = ["kitsu", "anilist"]').id_order
    assert order == ("kitsu", "anilist", *(name for name in shipped if name not in {"kitsu", "anilist"}))
    named = merged(
        partial("jikan", source_id="1"),
        partial("kitsu", source_id="7"),
        policy=own('[ids]\norder = ["kitsu"]'),
    )
    assert named.anime_id == "kitsu:7"


def test_a_source_that_the_policy_does_not_name_comes_after_all_that_it_names() -> None:
    ranked = default_policy().ranked("title", ["aaa", "anisearch", "kitsu", "animeschedule"])
    assert ranked == ["kitsu", "animeschedule", "anisearch", "aaa"]


WRONG = {
    "unknown id": (
        '[ids]\norder = ["mal", "anlist"]',
        "line 2: ids: unknown name 'anlist', did you mean 'anilist'?",
    ),
    "ids of another shape": ('[ids]\nfirst = "mal"', "line 1: ids takes an order"),
    "unknown field": (
        '# types\n[fields]\ntyp = ["jikan"]',
        "line 3: unknown field 'typ', did you mean 'type'?",
    ),
    "unknown source": (
        '[fields]\ntype = ["jikan", "anlist"]',
        "line 2: type: unknown source 'anlist', did you mean 'anilist'?",
    ),
    "unknown source over lines": (
        '[fields]\nstatus = "vote"\ntype = [\n  "jikan",\n  "mal",\n]',
        "line 5: type: unknown source 'mal'",
    ),
    "unknown rule": ('[fields]\nstatus = "newst"', "unknown rule 'newst', did you mean 'newest'?"),
    "a rule of another kind": (
        '[fields]\ntitle = "most_precise_date"',
        "line 2: title takes first, newest, vote, omit",
    ),
    "unknown never": ('[fields]\ntype = { never = ["nobody"] }', "line 2: type: unknown source 'nobody'"),
    "unknown word": ('[fields]\ntype = { ordr = ["jikan"] }', "unknown word 'ordr', did you mean 'order'?"),
    "unknown part": (
        '[fields]\n"episodes.aird" = ["jikan"]',
        "unknown field 'episodes.aird', did you mean 'episodes.aired'?",
    ),
    "unknown setting": (
        '\nlanguage = ["en"]',
        "line 2: unknown setting 'language', did you mean 'languages'?",
    ),
    "languages of another shape": ('languages = "en"', "line 1: languages must be a list"),
    "two languages to search in": ('search_language = ["en"]', "line 1: search_language must be one"),
    "aliases of nothing": (
        '[aliases.studio]\n"a" = "b"',
        "line 1: no aliases for 'studio', did you mean 'studios'?",
    ),
    "aliases of another shape": ("[aliases.studios]\na = 1", "aliases of studios must be pairs of text"),
    "a number": ("[fields]\ntype = 3", "line 2: type takes a list of sources, a rule, or a table"),
    "an order that is a word": (
        '[fields]\ntype = { order = "jikan" }',
        "type: order takes a list of sources",
    ),
    "fields of another shape": ("fields = 3", "line 1: fields must be a table"),
    "no TOML": ("[fields\n", "no TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_names_the_line_and_the_nearest_known_name(own: Load, case: str) -> None:
    text, message = WRONG[case]
    with pytest.raises(PolicyError) as error:
        own(text)
    assert message in str(error.value)
    assert str(error.value).startswith("policy.toml")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.toml")


def test_a_new_source_is_known_once_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[fields]\ntype = ["newsite"]')
    with pytest.raises(PolicyError):
        load_policy(tmp_path / "own.toml")
    assert load_policy(tmp_path / "own.toml", known_sources=["newsite"]).of("type").order == ("newsite",)


def test_a_part_of_an_episode_has_its_own_rule(own: Load) -> None:
    lists = [
        partial("jikan", episodes=[episode(1, duration_seconds=1440)]),
        partial("anidb", episodes=[episode(1, duration_seconds=1500, recap=True)]),
    ]
    policy = own('[fields]\n"episodes.duration_seconds" = "max"\n"episodes.recap" = "omit"')
    (one,) = merged(*lists, policy=policy).episodes
    assert (one.duration_seconds, one.recap) == (1500, None)
    assert merged(*lists).episodes[0].duration_seconds == 1440
    assert merged(*lists).provenance["episodes[].recap"].rule == "any_true"
