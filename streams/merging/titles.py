"""Titles with language, kind and sources, and the three that stand alone: main, English, native."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sources.record import SourceRecord, Title, TitleKind
from streams.merging.inputs import Inputs
from streams.merging.keys import title_key
from streams.merging.trail import Claim
from streams.record import MergedTitle

_KINDS: tuple[TitleKind, ...] = ("main", "official", "synonym", "short")


@dataclass(slots=True)
class _Entry:
    """One title and everybody who has it, best first."""

    claims: list[tuple[str, Title]]

    @property
    def language(self) -> str | None:
        return next((title.language for _, title in self.claims if title.language), None)

    @property
    def kind(self) -> TitleKind:
        return min((title.kind for _, title in self.claims), key=_KINDS.index)


def merge_titles(inputs: Inputs, main: str | None) -> list[MergedTitle]:
    """All titles once, the main one first, each with the sources that have it."""
    entries = _entries(inputs)
    first = _main_entry(entries, main)
    merged = [(_merged(entry, main if entry is first else None), entry) for entry in entries]
    ranked = sorted(merged, key=lambda pair: _KINDS.index(pair[0].kind))
    for index, (title, entry) in enumerate(ranked):
        stands = Title(text=title.text, language=title.language, kind=title.kind)
        beaten = [Claim(source, said) for source, said in entry.claims if said != stands]
        inputs.trail.note(f"titles[{index}]", "union", title.sources, beaten)
    inputs.note_list("titles")
    return [title for title, _ in ranked]


def _entries(inputs: Inputs) -> list[_Entry]:
    """Titles joined by text and language; a title whose language nobody said joins one that is spelled like it."""
    known: dict[tuple[str, str], _Entry] = {}
    loose: list[tuple[str, Title]] = []
    order: list[_Entry] = []
    for source, titles in inputs.lists("titles"):
        for title in titles:
            if title.language is None:
                loose.append((source, title))
            else:
                _add(known, order, (title_key(title.text), title.language), source, title)
    spelled: dict[str, _Entry] = {}
    for (text, _), entry in known.items():
        spelled.setdefault(text, entry)
    for source, title in loose:
        text = title_key(title.text)
        if text in spelled:
            spelled[text].claims.append((source, title))
        else:
            spelled[text] = _Entry([(source, title)])
            order.append(spelled[text])
    return order


def _add(
    known: dict[tuple[str, str], _Entry],
    order: list[_Entry],
    key: tuple[str, str],
    source: str,
    title: Title,
) -> None:
    if key in known:
        known[key].claims.append((source, title))
    else:
        known[key] = _Entry([(source, title)])
        order.append(known[key])


def _main_entry(entries: Sequence[_Entry], main: str | None) -> _Entry | None:
    """The one entry that holds the main title: the same text may stand in several languages."""
    if main is None:
        return None
    fitting = [entry for entry in entries if title_key(entry.claims[0][1].text) == title_key(main)]
    return next((entry for entry in fitting if entry.kind == "main"), fitting[0] if fitting else None)


def _merged(entry: _Entry, main: str | None) -> MergedTitle:
    text, kind = entry.claims[0][1].text, entry.kind
    if main is not None:
        text, kind = main, "main"
    elif kind == "main":
        kind = "official"
    sources = list(dict.fromkeys(source for source, _ in entry.claims))
    return MergedTitle(text=text, language=entry.language, kind=kind, sources=sources)


def choose_title(inputs: Inputs, english: str | None, native: str | None) -> str | None:
    """The main title in the first language of the policy that has one."""
    claims = inputs.claims("title")
    for language in inputs.policy.languages:
        fitting = [claim for claim in claims if _speaks(inputs.records[claim.source], claim.value, language)]
        if fitting:
            return _settle(inputs, fitting[0], claims)
        single = {"en": ("title_english", english), "ja": ("title_native", native)}.get(language)
        if single and single[1]:
            decided = inputs.trail.provenance[single[0]].source
            return _settle(inputs, Claim(decided, single[1]), claims)
    if not claims:
        return english or native
    return _settle(inputs, claims[0], claims)


def _settle(inputs: Inputs, won: Claim, claims: Sequence[Claim]) -> str:
    inputs.settle("title", "title", won, claims, inputs.policy.of("title").rule)
    return str(won.value)


def _speaks(record: SourceRecord, text: str, language: str) -> bool:
    """Whether ``text`` is, by the record's own list, in ``language``; romaji stands for every romanisation."""
    said = {title.language for title in record.titles if title.text == text}
    if language.endswith("-Latn"):
        return not said or any(tag is None or tag.endswith("-Latn") for tag in said)
    return language in said
