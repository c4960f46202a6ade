"""One record, or several, inside a program: the server and the service run in this process for as long as needed.

::

    from streams import Enricher, enrich

    found = await enrich("Cowboy Bebop")
    if found.record:
        print(found.record.title, found.record.score)

    async with Enricher() as enricher:                # several titles: one start, one cache, one set of limits
        for found in await enricher.enrich_all(["One Piece", "K-On!"]):
            print(found.status, found.anime_id)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel, Field

from streams.client.client import Listener
from streams.client.session import Session, offline, open_pipeline
from streams.config.settings import Settings
from streams.contract.events import Status, TitleRequest
from streams.contract.record import CandidateReport, Change, EnrichedRecord, Refusal


class Enriched(BaseModel):
    """The answer to one title.

    ``record`` is there for ``complete`` and ``partial``; otherwise ``refusal`` says why there is none: several works of
    this name (`candidates`), none, or a failure with its next step. ``changes`` tells what differs from the revision
    before.
    """

    request_id: str
    status: Status
    anime_id: str | None = None
    title: str | None = None
    revision: int = 0
    record: EnrichedRecord | None = None
    refusal: Refusal | None = None
    changes: list[Change] = Field(default_factory=list)

    @property
    def candidates(self) -> list[CandidateReport]:
        """The works that an ambiguous title may mean."""
        return (self.refusal.candidates or []) if self.refusal else []

    @property
    def missing(self) -> dict[str, str]:
        """Sources that did not answer, and the reason code of each."""
        return self.record.completeness.missing if self.record else {}

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> Self:
        """From the flat fields of an output entry. Raises ``ValueError`` for anything else."""
        data = json.loads(fields["data"])
        has_record = fields["status"] in {"complete", "partial"}
        return cls(
            request_id=fields["request_id"],
            status=fields["status"],
            anime_id=fields.get("anime_id") or None,
            title=fields.get("title") or None,
            revision=int(fields.get("revision") or 0),
            record=EnrichedRecord.model_validate(data) if has_record else None,
            refusal=None if has_record else Refusal.model_validate(data),
            changes=json.loads(fields.get("changes") or "[]"),
        )


class Enricher:
    """Enriches titles for as long as it is open.

    Args:
        settings: by default those of the environment and the file ``.env``, as for the command line.
        play: play the sites from the shipped replies instead of asking them; needs no internet.
        values: single settings by field name, as ``data_dir=Path("state")``.
    """

    def __init__(self, settings: Settings | None = None, *, play: bool = False, **values: Any) -> None:
        self.settings = (settings or Settings.load()).with_values(**values)
        self._play = play
        self._stack = contextlib.AsyncExitStack()
        self._session: Session | None = None

    async def __aenter__(self) -> Self:
        settings = self.settings
        if self._play:
            settings = await self._stack.enter_async_context(offline(settings))
        self._session = await self._stack.enter_async_context(open_pipeline(settings))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session = None
        await self._stack.aclose()

    async def enrich(
        self, title: str | TitleRequest | None = None, *, listener: Listener | None = None, **asked: Any
    ) -> Enriched:
        """The record of ``title``; ``asked`` are further fields of `TitleRequest` (``year``, ``ids``, ``only``, ...).

        ``listener`` is told every step. Raises ``ValueError`` for a request that makes no sense, ``ServerFull``,
        ``redis.RedisError``, and ``RuntimeError`` when it is not open.
        """
        if self._session is None:
            raise RuntimeError("the Enricher is not open: use `async with Enricher() as enricher`")
        fields = await self._session.client.ask(_request(title, asked), listener)
        return Enriched.from_fields(fields)

    async def enrich_all(self, titles: Iterable[str | TitleRequest], **asked: Any) -> list[Enriched]:
        """The records of several titles, side by side, in their order; see `enrich`."""
        return list(await asyncio.gather(*(self.enrich(title, **asked) for title in titles)))


async def enrich(
    title: str | TitleRequest | None = None,
    *,
    settings: Settings | None = None,
    play: bool = False,
    **asked: Any,
) -> Enriched:
    """One record; starts and stops everything it needs, so for several titles an `Enricher` is better.

    ``await enrich("Fruits Basket", year=2019)`` or ``await enrich(ids={"mal": "1"}, only=["kitsu"])``. See
    `Enricher` for ``settings`` and ``play``, `Enricher.enrich` for the rest.
    """
    async with Enricher(settings, play=play) as enricher:
        return await enricher.enrich(title, **asked)


def enrich_sync(title: str | TitleRequest | None = None, **asked: Any) -> Enriched:
    """`enrich` for a program without an event loop. Raises ``RuntimeError`` inside a running one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(enrich(title, **asked))
    raise RuntimeError("inside a running event loop: `await enrich(...)` instead")


def _request(title: str | TitleRequest | None, asked: Mapping[str, Any]) -> TitleRequest:
    if isinstance(title, TitleRequest):
        given = title.model_dump(exclude_unset=True)
    else:
        given = {"title": title, "priority": "interactive"}
    values = {**given, **asked}
    values["request_id"] = values.get("request_id") or f"lib-{secrets.token_hex(8)}"
    return TitleRequest.model_validate(values)
