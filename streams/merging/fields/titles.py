"""Titles with language, kind and sources, and the three that stand alone: main, English, native."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sources.record import SourceRecord, Title, TitleKind
from streams.contract.record import MergedTitle
from streams.merging.inputs import Inputs
from streams.merging.likeness import plain_title
from streams.merging.policy import PROBABLE
from streams.merging.provenance import Choice, Claim, parts
from streams.text.keys import title_key

_KINDS: tuple[TitleKind, ...] = ("main", "official", "synonym", "short")


@dataclass(slots=True)
class _TitleForms:
    """One title in one language, and everybody who has it with the place in the list of all."""

    language: str | None
    places: list[tuple[int, str, Title]] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        """Everybody who has it, best first."""
        return list(dict.fromkeys([source for _, source, _ in self.places]))

    @property
    def best(self) -> Title:
        """The title as the best source has it."""
        return self.places[0][2]

    @property
    def kind(self) -> TitleKind:
        """The strongest kind that anybody gives."""
        return min({title.kind for _, _, title in self.places}, key=_KINDS.index)


def merge_titles(inputs: Inputs, main: str | None) -> list[MergedTitle]:
    """All titles once, the main one first, each with the sources that have it."""
    entries = _entries(inputs)
    first = _main_entry(entries, main)
    merged = [(_merged(entry, main if entry is first else None), entry) for entry in entries]
    if main is not None and first is None and entries:
        merged.append(_added(inputs, main, entries))
    ranked = sorted(merged, key=lambda pair: _KINDS.index(pair[0].kind))
    for index, (title, entry) in enumerate(ranked):
        stands = Title(text=title.text, language=title.language, kind=title.kind)
        beaten = [Claim(source, said) for _, source, said in entry.places if parts(said) != parts(stands)]
        inputs.trail.note(f"titles[{index}]", "union", title.sources, beaten)
    inputs.note_list("titles")
    return [title for title, _ in ranked]


def _added(inputs: Inputs, main: str, entries: Sequence[_TitleForms]) -> tuple[MergedTitle, _TitleForms]:
    """The main title where no list has it: the sites that head the work so, or so with a catalogue's ``(2009)``."""
    note = inputs.trail.notes["title"]
    alike = [entry for entry in entries if plain_title(entry.best.text) == main]
    language = alike[0].language if alike else None
    return MergedTitle(text=main, language=language, kind="main", sources=note["sources"]), _TitleForms(
        language
    )


def _entries(inputs: Inputs) -> list[_TitleForms]:
    """Titles joined by text and language, the surest language first.

    A title whose language nobody said joins one that is spelled like it, and ``zh`` joins ``zh-Hans``; but a text is
    another title in ``ja`` than romanised (``ja-Latn``).
    """
    tagged = [(source, title) for source, titles in inputs.lists("titles") for title in titles]
    by_text: dict[str, list[_TitleForms]] = {}
    for place, (source, title) in sorted(enumerate(tagged), key=lambda one: _vagueness(one[1][1].language)):
        alike = by_text.setdefault(title_key(title.text), [])
        entry = next((entry for entry in alike if _covers(title.language, entry.language)), None)
        if entry is None:
            alike.append(entry := _TitleForms(title.language))
        entry.places.append((place, source, title))
    entries = [entry for alike in by_text.values() for entry in alike]
    for entry in entries:
        entry.places.sort(key=_place)
    return sorted(entries, key=lambda entry: _place(entry.places[0]))


def _place(said: tuple[int, str, Title]) -> int:
    return said[0]


def _vagueness(language: str | None) -> int:
    return 2 if language is None else 0 if "-" in language else 1


def _covers(said: str | None, known: str | None) -> bool:
    """Whether a title tagged ``said`` may be one that is tagged ``known``."""
    if said is None or said == known:
        return True
    return known is not None and known.startswith(f"{said}-") and not known.endswith("-Latn")


def _main_entry(entries: Sequence[_TitleForms], main: str | None) -> _TitleForms | None:
    """The one entry that holds the main title: the same text may stand in several languages."""
    if main is None:
        return None
    key = title_key(main)
    fitting = [entry for entry in entries if title_key(entry.best.text) == key]
    return next((entry for entry in fitting if entry.kind == "main"), fitting[0] if fitting else None)


def _merged(entry: _TitleForms, main: str | None) -> MergedTitle:
    text, kind = entry.best.text, entry.kind
    if main is not None:
        text, kind = main, "main"
    elif kind == "main":
        kind = "official"
    return MergedTitle(text=text, language=entry.language, kind=kind, sources=entry.sources)


def choose_title(inputs: Inputs, english: str | None, native: str | None) -> str | None:
    """The main title in the first language of the policy that has one."""
    claims = inputs.claims("title")
    for language in inputs.policy.languages:
        fitting = [claim for claim in claims if speaks(inputs.records[claim.source], claim.value, language)]
        if fitting:
            return _settle(inputs, _headed(inputs, fitting, claims), claims)
        single = {"en": ("title_english", english), "ja": ("title_native", native)}.get(language)
        if single and single[1]:
            note = inputs.trail.notes[single[0]]
            return _settle(inputs, Choice(Claim(note["source"], single[1]), (), note["confidence"]), claims)
    if not claims:
        return english or native
    return _settle(inputs, _headed(inputs, claims, claims), claims)


def _headed(inputs: Inputs, fitting: Sequence[Claim], claims: Sequence[Claim]) -> Choice:
    """What most sites head the work with, as the best of them writes it."""
    choice = inputs.choose("title", fitting, claims)
    if inputs.policy.of("title").rule != PROBABLE:
        return choice
    forms = [claim for claim in fitting if claim.source in choice.agreeing]
    return choice._replace(won=_best_form(forms))


def _best_form(forms: Sequence[Claim]) -> Claim:
    """The first form without a catalogue's ``(2009)``; if all have it, it stands if two sites need it, else without it."""
    plain = [claim for claim in forms if plain_title(claim.value) == claim.value]
    added = [claim for claim in forms if claim not in plain]
    if len(added) > max(1, len(plain)):
        return added[0]
    return plain[0] if plain else forms[0]._replace(value=plain_title(forms[0].value))


def _settle(inputs: Inputs, choice: Choice, claims: Sequence[Claim]) -> str:
    inputs.settle("title", "title", choice, claims, inputs.policy.of("title").rule)
    return str(choice.won.value)


def speaks(record: SourceRecord, text: str, language: str) -> bool:
    """Whether ``text`` is, by the record's own list, in ``language``; romaji stands for every romanisation."""
    languages = {title.language for title in record.titles if title.text == text}
    if language.endswith("-Latn"):
        return not languages or any(tag is None or tag.endswith("-Latn") for tag in languages)
    return language in languages
