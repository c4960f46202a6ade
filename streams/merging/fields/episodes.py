"""Episodes joined by kind and number, the air dates watching that both count alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sources.record import Episode, Title
from streams.contract.record import MergedEpisode, MergedLink
from streams.merging.conflicts import days_apart
from streams.merging.fields.episode_numbering import Listing, is_placeholder, listing, shift_between
from streams.merging.inputs import Inputs
from streams.merging.joining import JoinedItems
from streams.merging.policy import PROBABLE
from streams.merging.provenance import Claim, ItemTrail, Trail
from streams.merging.rules import choose_claim
from streams.merging.weighing import weigh
from streams.text.keys import title_key

_KINDS = ("regular", "special", "credit", "trailer", "parody", "other")
_PARTS = ("aired", "duration_seconds", "filler", "recap", "synopsis", "thumbnail", "season_number")
_NEAR = 3
_SINGLY = 5

Key = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class _Desk:
    """The trails, and who is believed for which part of an episode; ``None``: as for the whole list."""

    trail: Trail
    items: ItemTrail
    ranks: Mapping[str, Mapping[str, int] | None]
    redated: list[tuple[int, list[Claim], str]]
    inputs: Inputs

    def choose(self, part: str, claims: Sequence[Claim]) -> Any:
        """The value of a part that is said in several ways."""
        rule = self.items.rules[part]
        if rule == PROBABLE:
            return weigh(self.inputs.weights, f"episodes.{part}", self.inputs.kind, claims).won.value
        return choose_claim(rule, claims, self.trail.fetched).value


def merge_episodes(inputs: Inputs) -> list[MergedEpisode]:
    """All episodes of all kinds, in order; a source that counts from elsewhere is shifted, one that fits nowhere left out."""
    groups: dict[Key, JoinedItems[Episode]] = {}
    known: dict[str, Listing] = defaultdict(Listing)
    for source, episodes in inputs.lists("episodes"):
        for kind, listed in _by_kind(episodes).items():
            theirs = listing(listed)
            shift = shift_between(known[kind], theirs)
            if shift is None:
                _leave_out(inputs, source, kind, listed)
                continue
            known[kind].take(theirs, shift)
            for position, episode in enumerate(listed):
                key = _key(kind, episode.number, shift, (source, position))
                _put(groups, key, source, episode)
    return _finish(inputs, sorted(groups.items(), key=lambda pair: _place(pair[0])))


def _put(groups: dict[Key, JoinedItems[Episode]], key: Key, source: str, episode: Episode) -> None:
    if (group := groups.get(key)) is None:
        groups[key] = JoinedItems([(source, episode)], episode.ids, source)
    else:
        group.add(source, episode, episode.ids)


def _key(kind: str, number: float | None, shift: float, place: tuple[str, int]) -> Key:
    """Episodes of one key are one; what has no number is nobody else's."""
    return kind, ("?", *place) if number is None else number + shift


def _by_kind(episodes: Sequence[Episode]) -> dict[str, list[Episode]]:
    kinds: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        kinds[episode.kind].append(episode)
    return kinds


def _place(key: Key) -> tuple[int, bool, float, str]:
    kind, number = key
    counted = not isinstance(number, tuple)
    return _KINDS.index(kind), not counted, number if counted else 0.0, "" if counted else str(number)


def _leave_out(inputs: Inputs, source: str, kind: str, listed: Sequence[Episode]) -> None:
    claim = Claim(source, f"{len(listed)} {kind} episodes of another count")
    inputs.trail.contradict("episodes", [claim], None, "neither titles nor air dates agree, left out")


def _finish(inputs: Inputs, groups: Sequence[tuple[Key, JoinedItems[Episode]]]) -> list[MergedEpisode]:
    rules = {part: inputs.policy.of(f"episodes.{part}").rule for part in _PARTS}
    ranks = {part: _ranks(inputs, part) for part in _PARTS if rules[part] != "omit"}
    items = ItemTrail(inputs.trail, "episodes", {**rules, "titles": "union", "links": "union"})
    desk = _Desk(inputs.trail, items, ranks, [], inputs)
    merged = [_merged(desk, index, key, group) for index, (key, group) in enumerate(groups)]
    desk.items.close()
    _contradict_days(desk)
    inputs.note_list("episodes")
    return merged


def _contradict_days(desk: _Desk) -> None:
    """Contradicting air dates one by one, or, when a whole list is dated otherwise, by how many each source has."""
    if len(desk.redated) <= _SINGLY:
        for index, claims, won in desk.redated:
            desk.trail.contradict(f"episodes[{index}].aired", claims, won, desk.items.rules["aired"])
        return
    counts = Counter(c.source for _, claims, won in desk.redated for c in claims if days_apart(won, c.value))
    claims = [Claim(source, f"other days for {count} episodes") for source, count in sorted(counts.items())]
    desk.trail.contradict("episodes[].aired", claims, None, desk.items.rules["aired"])


def _ranks(inputs: Inputs, part: str) -> dict[str, int] | None:
    believed = inputs.sources(f"episodes.{part}")
    if believed == inputs.sources("episodes"):
        return None
    return {source: rank for rank, source in enumerate(believed)}


def _merged(desk: _Desk, index: int, key: Key, group: JoinedItems[Episode]) -> MergedEpisode:
    parts: dict[str, Any] = {}
    members = [(source, vars(item)) for source, item in group.members]  # read often: a model is slow to ask
    for part, rank in desk.ranks.items():
        claims = [(source, value) for source, item in members if (value := item[part]) is not None]
        if claims and rank is not None:
            claims = sorted([pair for pair in claims if pair[0] in rank], key=lambda pair: rank[pair[0]])
        if claims:
            parts[part] = _decide(desk, index, part, claims)
    kind, number = key
    return MergedEpisode(
        number=None if isinstance(number, tuple) else number,
        kind=kind,
        titles=_titles(desk, index, group),
        links=_links(desk, index, group),
        ids=dict(sorted(group.ids.items())),
        sources=group.sources,
        **parts,
    )


def _decide(desk: _Desk, index: int, part: str, said: list[tuple[str, Any]]) -> Any:
    if desk.items.settles_alike(index, part, said):
        return said[0][1]
    claims = [Claim(*pair) for pair in said]
    won = desk.choose(part, claims)
    if part == "aired" and any((days_apart(won, claim.value) or 0) > _NEAR for claim in claims):
        desk.redated.append((index, claims, won))
    desk.items.settle(index, part, won, said)
    return won


def _links(desk: _Desk, index: int, group: JoinedItems[Episode]) -> list[MergedLink]:
    """Where to watch it, each address once."""
    found: dict[str, MergedLink] = {}
    for source, episode in group.members:
        for link in episode.links:
            known = found.setdefault(link.url, MergedLink(**vars(link)))
            known.sources += [source] if source not in known.sources else []
    if found:
        desk.items.note(index, "links", [source for source, episode in group.members if episode.links], [])
    return list(found.values())


def _titles(desk: _Desk, index: int, group: JoinedItems[Episode]) -> list[Title]:
    """Titles once per text and language, best source first; one without language joins one that is spelled like it."""
    kept: dict[tuple[str, str | None], Title] = {}
    others: list[Claim] = []
    for source, episode in group.members:
        for title in episode.titles:
            parts = vars(title)
            known = kept.setdefault((title_key(parts["text"]), parts["language"]), title)
            if known is not title and vars(known) != parts:
                others.append(Claim(source, title))
    if not kept:
        return []
    telling, idle = _telling(kept)
    for source, episode in group.members if idle else ():
        others += [Claim(source, title) for title in episode.titles if vars(title) in idle]
    desk.items.note(index, "titles", [source for source, episode in group.members if episode.titles], others)
    return telling


def _telling(kept: Mapping[tuple[str, str | None], Title]) -> tuple[list[Title], list[dict[str, Any]]]:
    """Titles that say something, and the parts of those that repeat another without its language or only say the number."""
    labelled = {text for text, language in kept if language}
    known = [title for (text, language), title in kept.items() if language or text not in labelled]
    telling = [title for title in known if not is_placeholder(title.text)] or known
    if len(telling) == len(kept):
        return telling, []
    said = [vars(title) for title in telling]  # a model's own comparison takes ten times as long
    return telling, [parts for title in kept.values() if (parts := vars(title)) not in said]
