"""The addresses of the API: what each takes, needs and answers. The OpenAPI document and the checks are made of this."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.config.tokens import Right
from streams.contract.profiles import PROFILES
from streams.doors.http import anime, catalogue, requests
from streams.doors.http.desk import Desk
from streams.doors.http.visits import Visit
from streams.serving.door import App

Handler = Callable[[Desk, Visit], Awaitable[App]]
TEXT: Mapping[str, Any] = {"type": "string"}
_PART: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "profile": (
        {"type": "string", "enum": list(PROFILES)},
        "how much of the record: slim, text, notes, or full",
    ),
    "fields": (TEXT, "fields of the record, separated by commas; besides the profile, if both are given"),
}
_WAIT = {"type": "number", "minimum": 0, "maximum": requests.MOST_WAIT}
_SINCE = "a resume id: what ended a snapshot, or the `resume` of the changes read last"


@dataclass(frozen=True, slots=True)
class Route:
    """One address; ``query`` maps each parameter to its schema and meaning, ``answers`` each status to a schema's name."""

    name: str
    method: str
    path: str
    right: Right
    handler: Handler
    about: str
    query: Mapping[str, tuple[Mapping[str, Any], str]]
    answers: Mapping[int, str]
    problems: Sequence[str]
    body: str = ""
    headers: Sequence[str] = ()
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        written = re.escape(self.path).replace(r"\{id\}", "(?P<id>.+)")
        object.__setattr__(self, "pattern", re.compile(written))


ROUTES: Sequence[Route] = (
        Route(
            "enrich", "POST", "/v1/enrich", "publish", requests.enrich,
            "Ask for a title. Posting twice with the same `request_id` asks once.",
            {**_PART, "wait": (_WAIT, "seconds to wait for the output; without it the request is a bulk one")},
            {200: "Output", 202: "Standing"}, ("not-json", "too-large", "too-slow", "server-full", "not-copied", "busy"),
            body="TitleRequest", headers=("Location",),
        ),
        Route(
            "request", "GET", "/v1/requests/{id}", "read", requests.look,
            "How a request stands, or its output once it has ended.",
            {**_PART, "wait": (_WAIT, "seconds to wait for the output")},
            {200: "OutputOrStanding"}, ("not-found", "busy"),
        ),
        Route(
            "title", "GET", "/v1/anime", "read", anime.by_title,
            "The known record of a title in any language; asks no site, and guesses nothing.",
            {**_PART, "title": (TEXT, "the title")},
            {200: "Record", 304: ""}, ("not-found", "ambiguous", "busy"), headers=("ETag",),
        ),
        Route(
            "anime", "GET", "/v1/anime/{id}", "read", anime.by_id,
            "The known record that an id names: `mal:1`, `anilist:1` and so on.",
            _PART, {200: "Record", 304: ""}, ("not-found",), headers=("ETag",),
        ),
        Route(
            "snapshot", "GET", "/v1/snapshot", "read", catalogue.snapshot,
            "The latest record of every work, page by page. Follow `cursor` until it is null; then `resume` begins the "
            "changes. A work that is looked at meanwhile may come twice: what has the same `made` is the same.",
            {
                **_PART,
                "cursor": (TEXT, "the cursor of the page before"),
                "since": (TEXT, f"only what was made after this; {_SINCE}"),
                "limit": ({"type": "integer", "minimum": 1, "maximum": catalogue.MOST_PAGE}, "records in a page at most"),
            },
            {200: "SnapshotPage"}, ("busy",),
        ),
        Route(
            "changes", "GET", "/v1/changes", "read", catalogue.changes,
            "Every change after a resume id, in its order, each once; with `Accept: text/event-stream` as server-sent events "
            "without end, whose ids are resume ids (`Last-Event-ID`).",
            {
                **_PART,
                "since": (TEXT, _SINCE),
                "wait": ({**_WAIT, "maximum": catalogue.MOST_WAIT}, "seconds to wait for a change when there is none"),
            },
            {200: "ChangesPage"}, ("too-old", "busy"),
        ),
)  # fmt: skip
