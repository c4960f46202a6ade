"""Names of people and characters: by which two spellings are one, and all of them without repetition."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Protocol

from sources.record import Name
from streams.merging.provenance import Claim, ItemTrail
from streams.text.keys import person_key


class Named(Protocol):
    """Somebody with names."""

    names: list[Name]


def name_keys(someone: Named) -> Sequence[Collection[Hashable]]:
    """The first name in each script, then all names."""
    names = someone.names
    if len(names) == 1:
        only = (person_key(names[0].text),)
        return only, only
    keys = list(dict.fromkeys([person_key(name.text) for name in names]))
    if len(keys) == 2 and keys[0].isascii() != keys[1].isascii():  # most people have one in each script
        return keys, keys
    main: dict[bool, str] = {}
    for key in keys:
        main.setdefault(key.isascii(), key)
    return list(main.values()), keys


def merge_names_of(members: Sequence[tuple[str, Named]], index: int, trail: ItemTrail) -> list[Name]:
    """Each name once, as the best source writes it; a language that only a later source says is taken over."""
    kept: dict[str, Name] = {}
    beaten: list[Claim] = []
    for source, someone in members:
        for name in someone.names:
            key = person_key(name.text)
            known = kept.setdefault(key, name)
            if known is name:
                continue
            if known.language is None and name.language is not None:
                kept[key] = Name(text=known.text, language=name.language)
            if known.text != name.text:
                beaten.append(Claim(source, name.text))
    if kept:
        trail.note(index, "names", [source for source, _ in members], beaten)
    return list(kept.values())
