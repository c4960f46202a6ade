"""The rules of the contract, one function each; a rule yields what it found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from sources.base import Query, Source
from sources.check.bench import SECRET, UNKNOWN_ID, Bench, Finding
from sources.demo.world import FaultKind
from sources.errors import NotAnEntry, Reason, SourceError
from sources.listing import Quarter
from sources.parsing.names import NEW_NAME
from sources.record import SourceRecord

Rule = Callable[[Bench, Sequence[str]], AsyncIterator[Finding]]

BLOCKED = {Reason.BANNED, Reason.CHALLENGE, Reason.FORBIDDEN}
BROKEN = {Reason.BAD_REPLY, Reason.UPSTREAM_ERROR, Reason.CHANGED_LAYOUT, Reason.UNREACHABLE}

FAULTS: dict[FaultKind, set[Reason]] = {
    "down": {Reason.UNREACHABLE},
    "hang": {Reason.TIMEOUT, Reason.DEADLINE},
    "rate_limited": {Reason.RATE_LIMITED},
    "ban": BLOCKED,
    "challenge": BLOCKED,
    "forbidden": BLOCKED | {Reason.UNAVAILABLE},
    "truncated": BROKEN,
    "garbage": BROKEN,
    "error": {Reason.UPSTREAM_ERROR, Reason.UNAVAILABLE},
}
"""What the played site does, and the reasons that say so."""

RETRY_AFTER = 7.0

ELSEWHERE = ("..", ".", "", "../1", "1/..", "1/../2", "..\\1", "1\r\nx: y")
"""Ids that would change the address that they are put into."""

GARBAGE = (
    b"",
    b"\x00\xff\xfe",
    b"{}",
    b"[]",
    b"null",
    b"<html><body>Hello</body></html>",
    b"<error>Banned</error>",
    b"[" * 5000,
)


async def declares(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """Limits, freshness, a label and an address are declared."""
    cls = stand.cls
    rates = all(rate.permits > 0 and rate.seconds > 0 for rate in cls.limits)
    yield Finding("declares its limits", bool(cls.limits) and rates)
    yield Finding("declares how long answers live", min(cls.freshness.ttl, cls.freshness.negative_ttl) > 0)
    yield Finding("declares its address", cls.base_url.startswith(("https://", "http://")), cls.base_url)
    yield Finding("declares a label and a budget", bool(cls.label) and cls.budget_seconds > 0)


async def follows(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """Where a folder says what its replies follow, it says so of each; the guesses are listed."""
    origins = stand.site.replies.follows
    if not any(origins.values()):
        return
    untold = [name for name, origin in origins.items() if origin is None]
    guesses = sorted({origin for origin in origins.values() if origin and origin.startswith("guess:")})
    canary = stand.cls.canary
    guesses += [f"canary: {canary.guess}"] if canary and canary.guess else []
    detail = f"of {', '.join(untold)} it does not" if untold else "; ".join(guesses)
    yield Finding("says which real reply each played one follows", not untold, detail)


async def lists(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """Each list that it declares can be read: entries with their own ids, and what tells that one has changed."""
    source, own = stand.source(), stand.cls.names_ids()
    for listing in stand.cls.lists:
        page = await source.read_list(listing, 1, Quarter(2026, "FALL"))
        named = all(row.ids.get(own) == row.id for row in page.rows)
        tells = any(row.mark or row.changed_at or row.aired for row in page.rows)
        detail = f"{len(page.rows)} entries"
        yield Finding(f"its {listing.kind} list names entries", bool(page.rows) and named, detail)
        yield Finding(f"its {listing.kind} list tells what has changed", tells, detail)


async def searches(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """A search for a title finds it, one for nonsense finds nothing."""
    if not stand.cls.searches:
        return
    source = stand.source()
    for title in titles:
        found = await source.search(Query(title))
        names = {name.casefold() for item in found for name in (item.title, *item.titles)}
        yield Finding(f"search finds {title}", title.casefold() in names, f"{len(found)} candidates")
    nothing = await source.search(Query("qqqq zzzz no such title xxxx"))
    yield Finding("search finds nothing for nonsense", not nothing, f"{len(nothing)} candidates")


async def fetches(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """A known id gives a record that says what and where it is."""
    source = stand.source()
    for title in titles:
        record = await source.fetch(await known_id(source, title))
        own = record.source == stand.cls.name and record.source_id in record.ids.values()
        yield Finding(
            f"fetch of {title} gives title, ids and address", own and bool(record.title and record.url)
        )
        partial = ", ".join(f"{part}: {why}" for part, why in record.incomplete.items())
        yield Finding(f"fetch of {title} is complete", not partial, partial)
        new = ", ".join(noted.raw for noted in record.unmapped if noted.field == NEW_NAME)
        yield Finding(f"fetch of {title} names what is new in the reply", ok=True, detail=new or "nothing")
        yield Finding("no secret in a record", SECRET not in record.model_dump_json())


async def known_id(source: Source, title: str) -> str:
    """The id of the first candidate that bears ``title`` exactly."""
    for candidate in await source.search(Query(title)):
        if title.casefold() in {name.casefold() for name in (candidate.title, *candidate.titles)}:
            return candidate.id
    raise SourceError(Reason.NOT_FOUND, f"the played site does not know {title}", source=source.name)


async def unknown(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """An unknown id is not found."""
    error = await failure(stand.source(), UNKNOWN_ID)
    yield Finding(
        "an unknown id is not_found", error is not None and error.reason is Reason.NOT_FOUND, said(error)
    )


async def hostile(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """What would lead to another address is no id: it is not found, and nobody is asked for it."""
    source = stand.source()
    for one in ELSEWHERE:
        before = len(stand.site.log)
        error = await failure(source, one)
        asked = len(stand.site.log) - before
        refused = error is not None and error.reason is Reason.NOT_FOUND
        yield Finding(f"{one!r} is no id", refused and not asked, f"{said(error)}, {asked} requests")


async def failure(source: Source, source_id: str) -> SourceError | None:
    """The error of asking for ``source_id``; ``None`` when a record came instead."""
    try:
        await source.core(source_id)
    except SourceError as error:
        return error
    return None


def said(error: SourceError | None) -> str:
    """An error for a person to read."""
    return f"{error.reason}: {error.message}" if error else "a record came"


async def faults(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """Every fault of the site gives its own reason, never a record and never a secret."""
    number = await known_id(stand.source(), titles[0])
    for kind, reasons in FAULTS.items():
        source = stand.source()
        stand.fault(kind, RETRY_AFTER)
        error = await failure(source, number)
        stand.fault(None)
        yield Finding(f"{kind}: says so", error is not None and error.reason in reasons, said(error))
        if error is not None:
            text = f"{error} {error.message} {error.next_step}"
            yield Finding(f"{kind}: tells no secret", SECRET not in text, text)
        if error is not None and kind == "rate_limited":
            yield Finding(
                "rate_limited: passes Retry-After on",
                error.retry_after == RETRY_AFTER,
                str(error.retry_after),
            )


async def keeps_nothing_wrong(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """What the site sends instead of data is told from data, so that no cache keeps it."""
    if stand.cls.crawled:
        return
    for kind in ("ban", "challenge", "garbage", "error"):
        stand.fault(kind)
        reply = await stand.reply()
        refused = reply.status >= 300 or stand.cls.refuse(reply) is not None
        yield Finding(f"{kind}: is never kept as data", refused, f"HTTP {reply.status}")


async def slow(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """A slow answer is an answer."""
    source = stand.source()
    number = await known_id(source, titles[0])
    stand.fault("slow", 0.05)
    record = await source.core(number)
    yield Finding("a slow answer is an answer", bool(record.title))


async def tail(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """What fails after the main document never costs the main document."""
    source = stand.source()
    record = await source.core(await known_id(source, titles[0]))
    title = record.title
    stand.fault("error")
    before = len(stand.site.log)
    extended: SourceRecord = await source.extend(record)
    yield Finding("a failing tail keeps the main document", bool(title) and extended.title == title)
    if len(stand.site.log) > before:
        yield Finding("a failing tail is named", bool(extended.incomplete), str(extended.incomplete))


async def parses(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """The parser refuses what is no entry."""
    for body in GARBAGE:
        try:
            stand.parse(body)
        except NotAnEntry:
            yield Finding(f"parse refuses {body[:20]!r}", ok=True)
        else:
            yield Finding(f"parse refuses {body[:20]!r}", ok=False, detail="a record came")


async def looks_up(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """Every foreign id it claims to know leads to its own id."""
    source = stand.source()
    records = [await source.core(await known_id(source, title)) for title in titles]
    for site in stand.cls.finds_by:
        named = next((record for record in records if site in record.ids), None)
        found = await source.lookup({site: named.ids[site]}) if named else None
        yield Finding(f"lookup by {site}", named is not None and found == named.source_id, f"found {found}")
    yield Finding("lookup of nothing is nothing", await source.lookup({}) is None)


async def configured(stand: Bench, titles: Sequence[str]) -> AsyncIterator[Finding]:
    """A missing required setting is named, with the next step."""
    required = [setting.name for setting in stand.cls.settings if setting.required]
    if not required:
        return
    error = await failure(stand.source(configured=False), UNKNOWN_ID)
    named = error is not None and f"{stand.cls.name.upper()}_{required[0]}" in error.next_step
    told = error is not None and error.reason is Reason.NOT_CONFIGURED
    yield Finding("a missing setting is named", named and told, said(error))


RULES: tuple[Rule, ...] = (
    declares,
    follows,
    lists,
    searches,
    fetches,
    unknown,
    hostile,
    faults,
    keeps_nothing_wrong,
    slow,
    tail,
    parses,
    looks_up,
    configured,
)
