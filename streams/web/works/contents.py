"""What a record is about: episodes, characters with their voices, staff, relations, where to watch, songs, scores. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sources import discover
from sources.record import Name, Title
from streams.contract.record import (
    EnrichedRecord,
    MergedCharacter,
    MergedEpisode,
    MergedRelation,
    MergedStaff,
)
from streams.terminal.words import duration
from streams.web.html import Child, Node, chip, el, fold, foreign, is_web, link, plain, table, to_record
from streams.web.works.pictures import poster

EPISODES, PEOPLE, WORKS = 6, 6, 12
"""So many are shown at once, the others on a click."""
_FIRST = ("MAIN", "SUPPORTING")


def contents(record: EnrichedRecord, known: Mapping[str, str]) -> list[Child]:
    """The sections that have something to show; ``known`` are ids (``mal:1``) of works with a record of ours, by ``anime_id``."""
    parts = [
        _section("Where to watch", _links(record)),
        _section("Episodes", _episodes(record.episodes)),
        _section("Characters", _characters(record.characters)),
        _section("Staff", _staff(record.staff)),
        _section("Related works", _relations(record.relations, known)),
        _section("Songs", _songs(record)),
        _section("Scores", _scores(record)),
        _folded("Popularity", f"{len(record.popularity)} sites", _popularity(record)),
    ]
    return [part for part in parts if part is not None]


def _section(name: str, body: Sequence[Child]) -> Node | None:
    return el("section", el("h2", name), body) if body else None


def _folded(name: str, told: str, body: Sequence[Child]) -> Node | None:
    return fold(name, told, body) if body else None


def _shown(nodes: Sequence[Node], most: int, wrap: str, class_: str, what: str) -> list[Child]:
    """The first, and the others behind a click."""
    if not nodes:
        return []
    first = el(wrap, nodes[:most], class_=class_)
    rest = nodes[most:]
    if not rest:
        return [first]
    more = el("details", el("summary", f"{len(rest)} more {what}"), el(wrap, rest, class_=class_))
    return [first, more]


def _links(record: EnrichedRecord) -> list[Child]:
    found = {one.url: one.site for one in record.streaming if is_web(one.url)}
    links = [el("li", link(url, foreign(site))) for url, site in found.items()]
    return [el("ul", links, class_="inline")] if links else []


def _episodes(episodes: Sequence[MergedEpisode]) -> list[Child]:
    if not episodes:
        return []
    heads = ("number", "title", "aired", "length", "watch")
    rows = [_episode(one) for one in episodes]
    shown: list[Child] = [plain(table("Episodes", heads, rows[:EPISODES]))]
    if len(rows) > EPISODES:
        rest = plain(table("More episodes", heads, rows[EPISODES:]))
        shown.append(el("details", el("summary", f"{len(rows) - EPISODES} more episodes"), rest))
    return shown


def _episode(one: MergedEpisode) -> tuple[Child, ...]:
    number = "-" if one.number is None else f"{one.number:g}"
    marks = [chip(word) for word, said in (("filler", one.filler), ("recap", one.recap)) if said]
    kind = [chip(one.kind)] if one.kind != "regular" else []
    return (
        number,
        el("span", foreign(_titled(one.titles) or "-"), " ", kind, marks),
        one.aired or "-",
        duration(one.duration_seconds) if one.duration_seconds else "-",
        [[" " if n else "", link(each.url, foreign(each.site))] for n, each in enumerate(one.links[:4])]
        or "-",
    )


def _titled(titles: Sequence[Title]) -> str:
    """The English title, or the first."""
    english = next((one.text for one in titles if (one.language or "").startswith("en")), "")
    return english or next((one.text for one in titles), "")


def _characters(people: Sequence[MergedCharacter]) -> list[Child]:
    ordered = sorted(people, key=lambda one: _FIRST.index(one.role) if one.role in _FIRST else len(_FIRST))
    return _shown([_character(one) for one in ordered], PEOPLE, "ul", "people", "characters")


def _character(one: MergedCharacter) -> Node:
    voices = [
        el("li", foreign(_named(voice.names)), el("small", f" {voice.language}" if voice.language else ""))
        for voice in one.voice_actors[:4]
    ]
    return el(
        "li",
        poster(next(iter(one.images), None), _named(one.names), "face", lazy=True),
        el("div", el("b", foreign(_named(one.names))), " ", el("small", _word(one.role)), el("ul", voices)),
    )


def _staff(people: Sequence[MergedStaff]) -> list[Child]:
    found = [
        el("li", el("b", foreign(_named(one.names))), " ", el("small", foreign(", ".join(one.roles[:4]))))
        for one in people
    ]
    return _shown(found, PEOPLE, "ul", "columns", "people")


def _named(names: Sequence[Name]) -> str:
    return next((one.text for one in names), "?")


def _word(value: str) -> str:
    return value.lower().replace("_", " ")


def relation_names(record: EnrichedRecord) -> list[str]:
    """The ids under which related anime may have records of ours."""
    anime = (one for one in record.relations if one.media == "anime")
    return list(dict.fromkeys(f"{site}:{value}" for one in anime for site, value in one.ids.items()))


def _relations(relations: Sequence[MergedRelation], known: Mapping[str, str]) -> list[Child]:
    found = [_relation(one, known) for one in relations]
    return _shown(found, WORKS, "ul", "columns", "related works")


def _relation(one: MergedRelation, known: Mapping[str, str]) -> Node:
    own = next((known[f"{s}:{v}"] for s, v in one.ids.items() if known.get(f"{s}:{v}")), "")
    title = foreign(one.title or next(iter(one.ids.values()), "?"))
    named = el("a", title, href=to_record(own)) if own and one.media == "anime" else link(one.url, title)
    facts = " ".join(
        str(word) for word in (one.media if one.media != "anime" else "", one.type, one.year) if word
    )
    return el("li", el("small", _word(one.kind)), " ", named, " ", el("small", facts) if facts else None)


def _songs(record: EnrichedRecord) -> list[Child]:
    found = []
    for one in record.theme_songs:
        number = f" {one.number}" if one.number else ""
        by: list[Child] = [" by ", foreign(one.artist)] if one.artist else []
        where = el("small", " ", foreign(one.episodes)) if one.episodes else None
        found.append(el("li", el("small", f"{one.kind}{number}"), " ", foreign(one.title), by, where))
    return _shown(found, PEOPLE, "ul", "columns", "songs")


def _scores(record: EnrichedRecord) -> list[Child]:
    if not record.scores:
        return []
    rows = []
    for source, one in record.scores.items():
        name = f"{one.value:g} of {one.scale_max:g}"
        bar = el(
            "meter",
            name,
            value=str(one.value),
            min=str(one.scale_min),
            max=str(one.scale_max),
            aria_label=name,
        )
        rows.append((_label(source), name, bar, f"{one.votes:,}" if one.votes else "-"))
    return [plain(table("Scores", ("site", "score", "on its scale", "votes"), rows))]


def _popularity(record: EnrichedRecord) -> list[Child]:
    if not record.popularity:
        return []
    rows = [
        (
            _label(source),
            [
                [", " if n else "", f"{_word(name)} {count:,.0f}"]
                for n, (name, count) in enumerate(own.items())
            ],
        )
        for source, own in record.popularity.items()
        if own
    ]
    return [plain(table("Popularity", ("site", "counters"), rows))] if rows else []


def _label(source: str) -> str:
    return discover()[source].label if source in discover() else source
