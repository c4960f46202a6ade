"""Where a request stands, for people."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from streams.client.request_story import RequestStory, SourceStory
from streams.terminal.outcomes import look
from streams.terminal.words import span

_PHASES = {
    "accepted": "is taken in and not identified yet",
    "identified": "is identified; no site has answered yet",
    "collecting": "is identified, and the sites answer",
    "early": "has a first record; slow sites are missing",
    "final": "has ended",
    "late": "has ended, and a later answer made a revision",
    "buried": "was given up: anime-enrich dead",
}


def render(story: RequestStory, now: float) -> Group:
    """The view of ``story``; ``now`` is in Unix seconds."""
    named = story.title or " ".join(f"{site}:{value}" for site, value in story.ids.items())
    parts: list[RenderableType] = [
        Text(f"{story.request_id}  {named}", "bold"),
        Text(f"{_PHASES[story.phase]} ({story.priority})"),
    ]
    if story.put_off_until is not None:
        parts.append(Text(f"identification is tried again in {_in(story.put_off_until, now)}"))
    if story.titles:
        ids = " ".join(f"{site}:{value}" for site, value in story.taken_for.items())
        parts.append(Text(f"taken for: {' / '.join(story.titles)}  {ids}".rstrip()))
    if story.verdict in {"ambiguous", "none"}:
        parts.append(Text(f"verdict: {story.verdict}, {len(story.candidates)} candidates", "yellow"))
    if story.sources:
        parts.append(Padding(_table(story, now), (1, 0, 0, 0)))
    when = f"deadline in {_in(story.deadline_at, now)}: " if story.deadline_at is not None else ""
    parts.append(Padding(Text(when + story.then), (1, 0, 0, 0)))
    return Group(*parts)


def _table(story: RequestStory, now: float) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("source", "stands", "why"):
        table.add_column(name)
    for one in story.sources:
        style = look(one.outcome).style if one.outcome else "default"
        table.add_row(Text(one.source, "bold"), Text(_stands(one, now), style), _why(one))
    return table


def _stands(one: SourceStory, now: float) -> str:
    if one.standing == "put off" and one.again_at is not None:
        return f"asked again in {_in(one.again_at, now)}"
    return one.outcome.replace("_", " ") if one.standing == "answered" else one.standing


def _why(one: SourceStory) -> str:
    reason = one.reason if one.reason != one.outcome else ""
    return ": ".join(filter(None, [reason, one.message]))


def _in(at: float, now: float) -> str:
    return span(max(0.0, at - now))
