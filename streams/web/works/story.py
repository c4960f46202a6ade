"""Where one request stands: what it was taken for, who has answered, who is asked again, what its deadline will do. Pure."""

from __future__ import annotations

from streams.client.request_story import RequestStory, SourceStory
from streams.terminal.outcomes import look
from streams.web.html import Child, Node, chip, document, el, foreign, moment, table


def story_page(story: RequestStory) -> bytes:
    """The page."""
    named = story.title or " ".join(f"{site}:{value}" for site, value in story.ids.items())
    due: list[Child] = [" The deadline is ", moment(story.deadline_at), "."] if story.deadline_at else []
    again: list[Child] = (
        [" Identification is tried again at ", moment(story.put_off_until), "."]
        if story.put_off_until
        else []
    )
    taken = [
        [" " if n else "", foreign(f"{site}:{value}")]
        for n, (site, value) in enumerate(story.taken_for.items())
    ]
    return document(
        named or story.request_id,
        "/requests",
        el("p", chip(story.phase), " ", chip(story.priority), " request ", foreign(story.request_id)),
        el("p", story.then, ".", due, again),
        el("p", "Taken for ", el("b", foreign(" / ".join(story.titles))), " ", taken)
        if story.titles
        else None,
        _candidates(story),
        table(
            "Sources",
            ("source", "stands", "why"),
            [_row(one) for one in story.sources],
            "nobody is asked yet",
        ),
    )


def _candidates(story: RequestStory) -> Node | None:
    if story.verdict not in {"ambiguous", "none"}:
        return None
    review = el("a", "decide", href="/review")
    return el("p", f"{story.verdict}: {len(story.candidates)} works may be meant; ", review, ".")


def _row(one: SourceStory) -> list[Child]:
    word = one.outcome if one.standing == "answered" else one.standing
    again: list[Child] = [", asked again ", moment(one.again_at)] if one.again_at else []
    why = ": ".join(part for part in (one.reason if one.reason != one.outcome else "", one.message) if part)
    return [
        one.source,
        el("span", chip(word, look(one.outcome).tone if one.outcome else ""), again),
        foreign(why or "-"),
    ]
