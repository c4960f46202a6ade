"""How the fleet is: the one judgement that status, doctor, page, metrics, alerts and the log all tell. Pure.

A site is judged by what it answered last, not by what it might answer now: nothing is asked of it for this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from sources import Reason
from streams.broker.answers import Counted, Heard
from streams.broker.keys import AGGREGATE, IDENTIFY
from streams.terminal.words import size, span

if TYPE_CHECKING:
    from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus

Level = Literal["well", "note", "warning", "fault"]
LEVELS: tuple[Level, ...] = ("well", "note", "warning", "fault")
"""From good to bad; a ``note`` is a choice of the user's, ``fault`` keeps work from being done."""
ENOUGH = 5
"""The newest answers that a site is judged by, more of them where a minute brought more."""
SLOW_SECONDS = 15.0
"""Half of the answers took longer: some hundred times what the sites take on a good day."""
UNREAD_SECONDS = 30.0
"""Age of an output that a group of readers has not read."""
STUCK_SECONDS = 300.0
"""Age of an entry that identify or aggregate, which wait for nobody, have not done."""
OLDEST_SERVER = 7
NEARLY_FULL = 0.9

NEXT_STEPS: Mapping[str, str] = {
    "site_down": "look at the site and at the network: anime-enrich doctor; it is asked again by itself",
    "site_changed": "its page or API has changed: anime-enrich check-source {subject}, then update; docs/operate.md, a site has changed",
    "site_bans": "nothing: it is asked again by itself, and asking sooner makes bans longer; docs/operate.md, a site shuts us out",
    "site_slow": "nothing is lost: what comes late becomes a revision; look at the site and at the network",
    "credentials": "renew them; anime-enrich settings lists the variables of {subject}",
    "group_unread": "start a worker: anime-enrich up; nothing published meanwhile is lost",
    "output_unread": "start the program that reads the output as {subject}, or remove its group with XGROUP DESTROY: what it has not read is never cut",
    "redis_full": "raise its maxmemory, or shorten the retention settings, or let the workers catch up",
    "redis_gone": "check REDIS_URL, or unset it to use the embedded server; `anime-enrich doctor` tells more",
    "redis_old": "use Redis 7 or later, or Valkey",
    "worker_stuck": "look at its log and start it anew; others take its work over meanwhile",
    "drift": "compare with the site: anime-enrich check-source {subject}; docs/operate.md, a site has changed",
    "backlog": "start more workers, give the requests more time (BULK_DEADLINE_SECONDS), or wait: what is late comes as a revision",
}
"""What may be wrong, and what to do about it; ``{subject}`` is what it is about."""

_DOWN = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.UPSTREAM_ERROR})
_CHANGED = frozenset({Reason.CHANGED_LAYOUT, Reason.BAD_REPLY})
REFUSALS = frozenset({Reason.BANNED, Reason.CHALLENGE, Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.ROBOTS})


class Finding(BaseModel):
    """One thing that is or was wrong: which of `NEXT_STEPS`, with what, how bad, in a sentence."""

    what: str
    subject: str
    level: Level
    found: str

    @property
    def key(self) -> str:
        """What makes it the same as a moment ago; `finding` reads it."""
        return f"{self.what} {self.subject} {self.level}"


class Trouble(Finding):
    """What is wrong now, and what to do."""

    next_step: str


class Change(BaseModel):
    """What has changed: the fleet's level before and now, what has begun, what is over, and all that is wrong now."""

    before: Level
    now: Level
    began: list[Trouble]
    over: list[Finding]
    troubles: list[Trouble]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the user has chosen: how long a bulk request may take, the sources that are asked with credentials."""

    deadline_seconds: float
    with_credentials: frozenset[str] = frozenset()


def trouble(what: str, subject: str, level: Level, found: str) -> Trouble:
    """A trouble with its next step."""
    step = NEXT_STEPS[what].format(subject=subject)
    return Trouble(what=what, subject=subject, level=level, found=found, next_step=step)


def level_of(troubles: Sequence[Finding]) -> Level:
    """The worst of them; a note alone leaves all well."""
    worst = max((LEVELS.index(one.level) for one in troubles), default=0)
    return LEVELS[worst] if worst > LEVELS.index("note") else "well"


def finding(key: str, found: str) -> Finding:
    """What was wrong, from its key and the sentence that was told."""
    what, _, rest = key.partition(" ")
    subject, _, level = rest.rpartition(" ")
    return Finding.model_validate({"what": what, "subject": subject, "level": level, "found": found})


def change(told: Mapping[str, str], troubles: Sequence[Trouble]) -> Change | None:
    """What has changed since ``told``, sentences by key; ``None`` where nothing has begun and nothing is over."""
    before = {key: finding(key, found) for key, found in told.items()}
    now = {one.key for one in troubles}
    began = [one for one in troubles if one.key not in before]
    over = [one for key, one in before.items() if key not in now]
    if not began and not over:
        return None
    levels = level_of(list(before.values())), level_of(troubles)
    return Change(before=levels[0], now=levels[1], began=began, over=over, troubles=list(troubles))


def server_gone(error: Exception) -> Trouble:
    """What is told when nothing else can be."""
    return trouble("redis_gone", "server", "fault", f"the server is out of reach: {error}".rstrip(". "))


def judge(status: FleetStatus, heard: Mapping[str, Heard], setup: Setup) -> list[Trouble]:
    """Everything that is wrong with the fleet, the worst first."""
    found = [
        *_server(status),
        *_groups(status.groups),
        *_outputs(status),
        *(
            one
            for site in status.sources
            for one in _site(site, heard.get(site.source, Heard()), setup, status.at)
        ),
        *_overdue(status),
    ]
    return sorted(found, key=lambda one: -LEVELS.index(one.level))


def _server(status: FleetStatus) -> Iterator[Trouble]:
    major = status.server_version.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST_SERVER:
        yield trouble(
            "redis_old", "server", "fault", f"the server is {status.server} {status.server_version}"
        )
    used, most = status.memory_bytes, status.memory_limit_bytes
    if most and used > NEARLY_FULL * most:
        full = used >= most
        found = f"the server's memory is {'' if full else 'nearly '}full: {size(used)} of {size(most)}"
        yield trouble("redis_full", "server", "fault" if full else "warning", found)


def _groups(groups: Sequence[GroupStatus]) -> Iterator[Trouble]:
    unread = [one for one in groups if one.missing or not one.consumers]
    waiting = sum(one.lag + one.pending for one in unread)
    if unread and len(unread) == len(groups) and not waiting and not any(one.silent for one in groups):
        yield trouble("group_unread", "workers", "note", "no worker runs, and nothing waits for one")
        unread = []
    for one in unread:
        waits = one.lag + one.pending
        found = f"nobody reads {one.group}; {waits} wait" if waits else f"nobody reads {one.group}"
        yield trouble("group_unread", one.group, "fault" if waits else "warning", found)
    silent = {name: seconds for one in groups for name, seconds in one.silent.items()}
    for name, seconds in silent.items():
        of = ", ".join(one.group for one in groups if name in one.silent)
        found = f"the worker {name} ({of}) is stuck or was killed: not heard of for {span(seconds)}"
        yield trouble("worker_stuck", name, "warning", found)
    for one in groups:
        if one.group in {IDENTIFY, AGGREGATE} and one.consumers and one.oldest_seconds > STUCK_SECONDS:
            found = f"the oldest entry of {one.group} is {span(one.oldest_seconds)} old"
            yield trouble("worker_stuck", one.group, "fault", found)


def _outputs(status: FleetStatus) -> Iterator[Trouble]:
    for group, seconds in status.unread_outputs.items():
        if seconds > UNREAD_SECONDS:
            found = f"{group} does not read the output: {span(seconds)} behind"
            yield trouble("output_unread", group, "warning", found)
    for group in status.unread_output_groups:
        if status.unread_outputs.get(group, 0.0) <= UNREAD_SECONDS:
            found = f"nobody reads the output as {group} any more, and what it took is not acknowledged"
            yield trouble("output_unread", group, "warning", found)


def _overdue(status: FleetStatus) -> Iterator[Trouble]:
    if status.overdue:
        yield trouble("backlog", "requests", "fault", f"{status.overdue} requests are past their deadline")


def _site(site: SourceStatus, heard: Heard, setup: Setup, now: float) -> Iterator[Trouble]:
    if site.banned_until and site.banned_until > now:
        left, why = site.banned_until - now, site.ban_reason or Reason.BANNED.value
        what, words = _meaning(site.source, why, setup)
        alone = f"left alone for {span(left)}" if left >= 1 else "left alone for a moment"
        yield trouble(what, site.source, "warning", f"{site.source} {words} ({why}), {alone}")
    elif found := _refuses(site.source, heard, setup):
        yield found
    half = heard.hour.seconds(0.5)
    if half is not None and half > SLOW_SECONDS:
        found_slow = f"{site.source} is slow: half of its answers take more than {span(half)}"
        yield trouble("site_slow", site.source, "warning", found_slow)
    if site.drift:
        yield trouble("drift", site.source, "warning", site.drift)
    if site.forecast_seconds > setup.deadline_seconds:
        found_late = f"{site.source} needs {span(site.forecast_seconds)} for what waits, longer than a request may take"
        yield trouble("backlog", site.source, "warning", found_late)


def newest(minutes: Sequence[Counted]) -> Counted:
    """What the site itself answered last: minutes from the newest on, until there is enough to judge by."""
    found = Counted()
    for minute in minutes:
        found += minute
        if live(found) + sum(found.failures.values()) >= ENOUGH:
            break
    return found


def live(counted: Counted) -> int:
    """Answers that came from the site, not from the cache."""
    return counted.answered - counted.from_cache


def _refuses(source: str, heard: Heard, setup: Setup) -> Trouble | None:
    """The trouble of a site that lately failed to answer more often than it answered, by the commonest reason."""
    lately = newest(heard.minutes)
    failed = sum(lately.failures.values())
    if failed <= live(lately):
        return None
    reason = next(iter(lately.failures))
    what, words = _meaning(source, reason, setup)
    found = f"{source} {words} ({reason}): {failed} of the last {failed + live(lately)} questions"
    return trouble(what, source, "warning", found + (f"; {heard.message}" if heard.reason == reason else ""))


def _meaning(source: str, reason: str, setup: Setup) -> tuple[str, str]:
    refused = reason == Reason.FORBIDDEN and source in setup.with_credentials
    if reason == Reason.NOT_CONFIGURED or refused:
        return "credentials", "does not take our credentials"
    if reason in _CHANGED:
        return "site_changed", "answers what we cannot read"
    if reason in REFUSALS:
        return "site_bans", "shuts us out"
    return "site_down", "does not answer" if reason in _DOWN else "fails"
