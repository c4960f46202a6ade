"""Descriptions and releases: all that the sites say, beside the one that the policy chooses."""

from __future__ import annotations

from sources.record import Release, Synopsis
from streams.merging.inputs import Inputs


def merge_synopses(inputs: Inputs) -> list[Synopsis]:
    """One text a source and language, in the order of the policy; a text that another has already is said once."""
    found: dict[tuple[str, str | None], Synopsis] = {}
    seen: set[str] = set()
    for source in inputs.ranked("synopsis"):
        record = inputs.records[source]
        for said in [*([record.synopsis] if record.synopsis else []), *record.synopses]:
            key = " ".join(said.text.split())
            if key not in seen and (source, said.language) not in found:
                seen.add(key)
                found[source, said.language] = said
    if found:
        inputs.trail.note_whole("synopses", "by_source", dict.fromkeys(source for source, _ in found))
    return list(found.values())


def merge_releases(inputs: Inputs) -> list[Release]:
    """What each source says of a release in one language and kind; the original first, then by language."""
    found: dict[tuple[str, str, str | None], Release] = {}
    for source in inputs.ranked("start_date"):
        for release in inputs.records[source].releases:
            found.setdefault((source, release.kind, release.language), release)
    if found:
        inputs.trail.note_whole("releases", "by_source", dict.fromkeys(source for source, _, _ in found))
    return sorted(found.values(), key=lambda one: (one.kind != "original", one.language or "", one.kind))
