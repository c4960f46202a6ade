"""Episodes of every kind: regular ones, specials, credits, trailers, parodies and others."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element

from sources.anidb.relations import own_id
from sources.anidb.resources import episode_links
from sources.anidb.titles import LANG
from sources.anidb.wording import language, prose, words
from sources.parsing.dates import read_date
from sources.parsing.json_reply import ordinal, truth
from sources.parsing.sizes import minutes
from sources.record import Episode, EpisodeKind, Title, Unmapped

_KINDS: dict[str, EpisodeKind] = {
    "1": "regular",
    "2": "special",
    "3": "credit",
    "4": "trailer",
    "5": "parody",
    "6": "other",
}
_ORDER = {kind: place for place, kind in enumerate(_KINDS.values())}
_NUMBER = re.compile(r"[A-Z]?(\d{1,5}(?:\.\d{1,2})?)[a-z]?", re.IGNORECASE)


def read_episode(element: Element, unmapped: list[Unmapped]) -> Episode | None:
    """One ``episode``; ``None`` when it has neither a number nor a title."""
    label = element.find("epno")
    found = _NUMBER.fullmatch(((label.text if label is not None else "") or "").strip())
    titles = [title for node in element.iterfind("title") if (title := _title(node, unmapped))]
    if found is None and not titles:
        return None
    raw_kind = label.get("type", "1") if label is not None else ""
    if raw_kind not in _KINDS:
        unmapped.append(Unmapped(field="episode_kind", raw=raw_kind[:40]))
    return Episode(
        number=ordinal(found[1]) if found else None,
        kind=_KINDS.get(raw_kind, "other"),
        titles=titles,
        aired=read_date(element.findtext("airdate")),
        duration_seconds=minutes(element.findtext("length")),
        recap=truth(element.get("recap")) or None,
        synopsis=prose(element.findtext("summary")),
        ids=own_id(element),
        links=episode_links(element),
    )


def _title(element: Element, unmapped: list[Unmapped]) -> Title | None:
    text = words(element.text)
    return Title(text=text, language=language(element.get(LANG), unmapped), kind="official") if text else None


def in_order(episodes: list[Episode]) -> list[Episode]:
    """Regular ones first, then kind by kind, by number."""
    return sorted(episodes, key=lambda episode: (_ORDER[episode.kind], episode.number or 0.0))


def usual_duration(episodes: list[Episode], is_film: bool) -> int | None:
    """Seconds of the most frequent length of regular episodes; of the longest for a film, which is listed in parts, too."""
    lengths = [e.duration_seconds for e in episodes if e.kind == "regular" and e.duration_seconds]
    if not lengths:
        return None
    return max(lengths) if is_film else Counter(lengths).most_common(1)[0][0]


def aired_until(episodes: list[Episode], today: str) -> int | None:
    """The highest number of a regular episode with a full date up to ``today``; ``None`` when none has a date."""
    dated = [e for e in episodes if e.kind == "regular" and e.aired and e.number]
    numbers = [int(e.number or 0) for e in dated if len(e.aired or "") == 10 and (e.aired or "") <= today]
    return max(numbers, default=0) if dated else None
