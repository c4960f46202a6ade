"""Opening, ending and insert songs joined over the sources that know them."""

from __future__ import annotations

from sources.record import ThemeSong
from streams.merging.inputs import Inputs
from streams.merging.joining import JoinedItems, Joiner, fold
from streams.merging.provenance import ItemTrail
from streams.text.keys import word_key

_KINDS = ("opening", "ending", "insert")
_PARTS = ("title", "number", "artist", "episodes", "title_native")


def merge_themes(inputs: Inputs) -> list[ThemeSong]:
    """Each song once; openings, endings, inserts, each in their order."""
    joiner: Joiner[ThemeSong] = Joiner(lambda song: ([(song.kind, word_key(song.title))], ()), lambda _: {})
    for source, songs in inputs.lists("theme_songs"):
        joiner.take(source, songs)
    groups = sorted(joiner.groups, key=_place)
    trail = ItemTrail(inputs.trail, "theme_songs")
    merged = [_merged(group, index, trail) for index, group in enumerate(groups)]
    trail.close()
    for index, group in enumerate(groups):
        inputs.trail.note(f"theme_songs[{index}]", "join", group.sources)
    inputs.note_list("theme_songs")
    return merged


def _place(group: JoinedItems[ThemeSong]) -> tuple[int, int]:
    number = next((value for _, value in fold(group, "number")), None)
    return _KINDS.index(group.members[0][1].kind), 10_000 if number is None else number


def _merged(group: JoinedItems[ThemeSong], index: int, trail: ItemTrail) -> ThemeSong:
    parts = {}
    for part in _PARTS:
        if said := fold(group, part):
            parts[part] = said[0][1]
            trail.settle(index, part, said[0][1], said)
    return ThemeSong(kind=group.members[0][1].kind, **parts)
