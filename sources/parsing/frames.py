"""Whether a part of an API's answer is empty, or only no longer where or what it was.

A list that is there and empty says that there is nothing. One of another shape, or whose rows hold nothing that we look
for, says that the site has changed: the part is `changed_layout`, and not "none". A part that was not asked for is not
in the answer at all and says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sources.errors import NotAnEntry, Reason
from sources.parsing.json_reply import mapping, objects, rows

TEXTS = ("<texts>",)
OBJECT = ("<object>",)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where ``part`` of a record stands in an answer: a list under ``path``, whose rows have one of ``keys``.

    ``lists`` are the names under which the list may stand there, of which one must; `TEXTS` and `OBJECT` say what stands
    there instead of rows with keys.
    """

    part: str
    path: tuple[str, ...]
    keys: tuple[str, ...] = ("name",)
    lists: tuple[str, ...] = ()


def changed_parts(answer: Mapping[str, Any], frames: Iterable[Frame]) -> dict[str, str]:
    """The parts whose frame is there and holds something, but nothing that we can read."""
    changed = (frame.part for frame in frames if _is_changed(answer, frame))
    return dict.fromkeys(changed, Reason.CHANGED_LAYOUT.value)


def _is_changed(answer: Mapping[str, Any], frame: Frame) -> bool:
    value: Any = answer
    for key in frame.path:
        if not isinstance(value, dict | Mapping) or key not in value:
            return False
        value = value[key]
    return not _fits(value, frame)


def _fits(value: Any, frame: Frame) -> bool:
    """Whether ``value`` is what stands in the frame, or nothing."""
    if frame.lists and isinstance(value, dict) and value:
        if not value.keys() & set(frame.lists):
            return False
        value = next((value[name] for name in frame.lists if value.get(name)), [])
    return is_list_of(value, frame.keys)


def is_list_of(value: Any, keys: tuple[str, ...]) -> bool:
    """Whether ``value`` is nothing, or a list in which a row has one of ``keys``."""
    if not value and not isinstance(value, bool | int):
        return True
    if keys == OBJECT:
        return isinstance(value, dict)
    if keys == TEXTS:
        return any(isinstance(row, str) for row in rows(value))
    return any(mapping(row).keys() & set(keys) for row in rows(value))


def renamed_parts(
    answer: Mapping[str, Any], frames: Iterable[Frame], known: Collection[str]
) -> dict[str, str]:
    """The parts that are not where they were while something that looks like them stands under a name never seen.

    ``known`` are all names that have been seen in such an answer.
    """
    strange = [value for name, value in answer.items() if name not in known and value]
    missing = (frame for frame in frames if len(frame.path) == 1 and frame.path[0] not in answer)
    moved = (frame.part for frame in missing if any(_fits(value, frame) for value in strange))
    return dict.fromkeys(moved, Reason.CHANGED_LAYOUT.value)


def unread_parts(filled: Mapping[str, bool], given: Mapping[str, object]) -> dict[str, str]:
    """The parts of which rows were ``given`` and none is in the record; ``filled`` says which parts it has."""
    unread = (part for part, listed in given.items() if objects(listed) and not filled.get(part))
    return dict.fromkeys(unread, Reason.CHANGED_LAYOUT.value)


def need_readable(rows: object, found: object, what: str) -> None:
    """Raise `NotAnEntry` for a list with rows of which none could be read."""
    if rows and not found:
        raise NotAnEntry("changed_layout", f"none of the {what} could be read")
