"""Checks that nothing a source said got lost: it stands in the record, or among the beaten values of its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sources.record import SourceRecord
from streams.contract.events import PartialResult
from streams.contract.record import EnrichedRecord
from streams.merging.provenance import plain
from streams.records.explain import provenance_of

SINGLE = (
    *("title", "title_english", "title_native", "type", "status", "episode_count", "episodes_aired"),
    *(
        "duration_seconds",
        "season",
        "year",
        "start_date",
        "end_date",
        "content_rating",
        "source_material",
        "synopsis",
    ),
)
UNITED = (
    "genres",
    "demographics",
    "studios",
    "producers",
    "licensors",
    "images",
    "trailers",
    "streaming",
    "links",
)


def losses(record: EnrichedRecord, partials: Mapping[str, PartialResult]) -> list[str]:
    """Paths of values that a merged source said and that cannot be found again."""
    merged = {s: p.record for s, p in partials.items() if p.record and record.sources[s].outcome == "ok"}
    return [f"{source}: {path}" for source, one in merged.items() for path in _lost(record, source, one)]


def _lost(record: EnrichedRecord, source: str, one: SourceRecord) -> Iterator[str]:
    for name in SINGLE:
        value = getattr(one, name)
        if value not in (None, "UNKNOWN", "") and plain(value) not in said(record, source, name):
            yield name
    for name in UNITED:
        chosen = list(range(len(getattr(record, name))))
        known = [value for index in chosen for value in said(record, source, f"{name}[{index}]")]
        known += [
            value for values in said(record, source, name) if isinstance(values, list) for value in values
        ]
        yield from (f"{name}: {value}" for value in getattr(one, name) if plain(value) not in known)
    yield from _lost_titles(record, source, one)
    yield from _lost_tags(record, source, one)
    yield from _lost_relations(record, source, one)
    yield from _lost_people(record, source, one)
    yield from _lost_episodes(record, source, one)
    yield from _lost_broadcast(record, source, one)


def said(record: EnrichedRecord, source: str, path: str) -> list[Any]:
    """What ``source`` said about ``path``, by the record alone."""
    found = record.provenance.get(path)
    if found is None:
        return []
    values = [beaten.value for beaten in found.beaten if beaten.source == source]
    return [*values, plain(value_at(record, path))] if source in found.sources else values


def value_at(record: Any, path: str) -> Any:
    value = record
    for part in path.replace("]", "").replace("[", ".").split("."):
        value = (
            value[int(part)]
            if part.isdigit()
            else value.get(part)
            if isinstance(value, dict)
            else getattr(value, part)
        )
    return value


def of_item(record: EnrichedRecord, source: str, path: str) -> list[Any]:
    """Like `said`, for a part of a list item, whose usual source is said once for the list."""
    found = record.provenance.get(path)
    usual = provenance_of(record, path)
    if found is None:
        return [plain(value_at(record, path))] if usual else []
    return [*(b.value for b in found.beaten if b.source == source), plain(value_at(record, path))]


def _lost_titles(record: EnrichedRecord, source: str, one: SourceRecord) -> Iterator[str]:
    for title in one.titles:
        known = [
            value
            for index, merged in enumerate(record.titles)
            if source in merged.sources
            for value in (plain(merged), *(b.value for b in record.provenance[f"titles[{index}]"].beaten))
        ]
        wanted = plain(title)
        if not any(wanted.items() <= value.items() for value in known):
            yield f"title {title.text}"


def _lost_tags(record: EnrichedRecord, source: str, one: SourceRecord) -> Iterator[str]:
    for tag in one.tags:
        fits = [
            index
            for index, merged in enumerate(record.tags)
            if source in merged.sources and tag.name in of_item(record, source, f"tags[{index}].name")
        ]
        if not any(
            tag.weight is None or tag.weight in of_item(record, source, f"tags[{i}].weight") for i in fits
        ):
            yield f"tag {tag.name}"


def _lost_relations(record: EnrichedRecord, source: str, one: SourceRecord) -> Iterator[str]:
    left_out = [conflict.values.get(source) for conflict in record.conflicts if conflict.field == "relations"]
    for relation in one.relations:
        if plain(relation) in left_out:
            continue
        fits = [
            index
            for index, merged in enumerate(record.relations)
            if source in merged.sources and relation.ids.items() <= merged.ids.items()
        ]
        if not any(relation.kind in of_item(record, source, f"relations[{i}].kind") for i in fits):
            yield f"relation {relation.kind} {relation.title}"


def _lost_people(record: EnrichedRecord, source: str, one: SourceRecord) -> Iterator[str]:
    for field in ("characters", "staff"):
        for someone in getattr(one, field):
            fits = [
                index
                for index, merged in enumerate(getattr(record, field))
                if source in merged.sources and someone.ids.items() <= merged.ids.items()
            ]
            names = [_names(record, source, field, index) for index in fits]
            if not any({name.text for name in someone.names} <= known for known in names):
                yield f"{field} {someone.names[0].text}"


def _names(record: EnrichedRecord, source: str, field: str, index: int) -> set[str]:
    found = record.provenance.get(f"{field}[{index}].names")
    beaten = [b.value for b in found.beaten if b.source == source] if found else []
    return {*(name.text for name in getattr(record, field)[index].names), *beaten}


EPISODE = ("aired", "duration_seconds", "filler", "recap", "synopsis", "thumbnail", "season_number")


def _lost_episodes(record: EnrichedRecord, source: str, one: SourceRecord) -> Iterator[str]:
    """Nothing of an episode, unless the whole list was left out, which is reported as a contradiction."""
    if any(conflict.field == "episodes" and source in conflict.values for conflict in record.conflicts):
        return
    mine = [index for index, merged in enumerate(record.episodes) if source in merged.sources]
    for episode in one.episodes:
        wanted = {part: getattr(episode, part) for part in EPISODE if getattr(episode, part) is not None}
        if not any(_fits(record, source, index, wanted) for index in mine):
            yield f"episode {episode.kind} {episode.number} {wanted}"


def _fits(record: EnrichedRecord, source: str, index: int, wanted: Mapping[str, Any]) -> bool:
    path = f"episodes[{index}]"
    return all(value in of_item(record, source, f"{path}.{part}") for part, value in wanted.items())


def _lost_broadcast(record: EnrichedRecord, source: str, one: SourceRecord) -> Iterator[str]:
    for part, value in plain(one.broadcast or {}).items():
        if value not in said(record, source, f"broadcast.{part}"):
            yield f"broadcast.{part}"
