"""Names of streams, groups and keys; they stand here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

IDENTIFY = "identify"
AGGREGATE = "aggregate"


@dataclass(frozen=True, slots=True)
class Topology:
    """All names under one prefix.

    Streams of the contract: `requests`, `identified`, `partials`, `enriched`, `dead`. The others are lanes of our own:
    accepted requests, what interactive users wait for, and per source what has to be asked again.
    """

    prefix: str = "anime"

    @property
    def requests(self) -> str:
        """Written by anyone."""
        return f"{self.prefix}:requests"

    @property
    def partials(self) -> str:
        """Written by the source groups, read by group ``aggregate``."""
        return f"{self.prefix}:partials"

    @property
    def enriched(self) -> str:
        """The output."""
        return f"{self.prefix}:enriched"

    @property
    def dead(self) -> str:
        """What could not be processed."""
        return f"{self.prefix}:dead"

    @property
    def sorted(self) -> str:
        """Bulk requests as they came in, until somebody has time for them."""
        return f"{self.prefix}:sorted"

    def accepted(self, priority: str) -> str:
        """Requests that were taken in, by lane."""
        return f"{self.prefix}:accepted:{priority}"

    def identified(self, priority: str) -> str:
        """Identified titles; bulk ones on the stream of the contract, interactive ones on a lane of their own."""
        return f"{self.prefix}:identified" + ("" if priority == "bulk" else f":{priority}")

    @property
    def again(self) -> str:
        """Prefix of the lanes of what has to be done again."""
        return f"{self.prefix}:again:"

    def lane(self, group: str) -> str:
        """The private lane of one group: retries, replays and what a stopping worker handed back."""
        return self.again + group

    @property
    def states(self) -> str:
        """Prefix of the state of requests."""
        return f"{self.prefix}:state:"

    def state(self, request_id: str) -> str:
        """State of one request: the request, its partials, its outcome."""
        return self.states + request_id

    @property
    def deadlines(self) -> str:
        """Open requests by the time their deadline passes (ms)."""
        return f"{self.prefix}:deadlines"

    @property
    def closed(self) -> str:
        """Finished requests by the time they finished (ms)."""
        return f"{self.prefix}:closed"

    @property
    def delayed(self) -> str:
        """Work put off, by the time it is due (ms)."""
        return f"{self.prefix}:delayed"

    @property
    def delayed_bodies(self) -> str:
        """Bodies of the work put off."""
        return f"{self.prefix}:delayed:bodies"

    @property
    def records(self) -> str:
        """Known anime by the time of their last revision (ms)."""
        return f"{self.prefix}:records"

    @property
    def record_prefix(self) -> str:
        """Prefix of the last record of each anime."""
        return f"{self.prefix}:record:"

    def record(self, anime_id: str) -> str:
        """The last record of one anime."""
        return self.record_prefix + anime_id

    @property
    def aliases(self) -> str:
        """Which anime an id belongs to (``mal:1`` to ``anime_id``); goes with the record."""
        return f"{self.prefix}:aliases"

    @property
    def forgotten(self) -> str:
        """Works whose record was forgotten, by its last revision."""
        return f"{self.prefix}:forgotten"

    @property
    def floor(self) -> str:
        """The revision above which works begin that are neither known nor among the forgotten ones."""
        return f"{self.prefix}:forgotten:above"

    @property
    def refresh(self) -> str:
        """Known anime by the time they are to be looked at again (ms)."""
        return f"{self.prefix}:refresh"

    @property
    def workers(self) -> str:
        """Workers by the time they last said that they read (ms)."""
        return f"{self.prefix}:workers"

    def failed(self, source: str) -> str:
        """Requests that ``source`` failed to answer, by the time of the failure (ms)."""
        return f"{self.prefix}:failed:{source}"

    def answers(self, source: str) -> str:
        """Prefix of what was counted of one source, by minute and by hour."""
        return f"{self.prefix}:answers:{source}:"

    @property
    def health(self) -> str:
        """What was last said of the fleet's health."""
        return f"{self.prefix}:health"

    def drift(self, source: str) -> str:
        """What was seen of one source lately: entries compared, fields lost."""
        return f"{self.prefix}:drift:{source}"

    @property
    def reliability(self) -> str:
        """What the fleet has counted about its sources so far."""
        return f"{self.prefix}:reliability"

    @property
    def reliability_table(self) -> str:
        """The counts as they stood at the last step, by which records are merged."""
        return f"{self.prefix}:reliability:table"

    @property
    def unknown_works(self) -> str:
        """How many works in a row each source did not know that others knew."""
        return f"{self.prefix}:unknown_works"

    def canary(self, source: str) -> str:
        """Whether ``source`` was asked for its canary today."""
        return f"{self.prefix}:canary:{source}"

    @property
    def scout(self) -> str:
        """Who follows for the fleet, and until when."""
        return f"{self.prefix}:scout"

    @property
    def scouted(self) -> str:
        """Questions of the scout that have no answer yet, by the time they were asked (s)."""
        return f"{self.prefix}:scout:asked"

    @property
    def lists(self) -> str:
        """When each list that is followed is to be read next (s)."""
        return f"{self.prefix}:scout:lists"

    @property
    def new_works(self) -> str:
        """Works that lists name and nobody knows, with their ids, until they are asked for."""
        return f"{self.prefix}:scout:new"

    def news(self, source: str) -> str:
        """Known works that ``source`` has news of, with why, until it is asked for them."""
        return f"{self.prefix}:scout:news:{source}"

    def marks(self, name: str) -> str:
        """How the rows of a list were marked when it was read last, by entry."""
        return f"{self.prefix}:scout:marks:{name}"

    def seen(self, name: str) -> str:
        """The entries of a list by the time at which a page showed them last (s)."""
        return f"{self.prefix}:scout:seen:{name}"

    def budget(self, source: str) -> str:
        """Requests that went to ``source`` for people and for following, by hour."""
        return f"{self.prefix}:budget:{source}"

    @property
    def decisions(self) -> str:
        """What people decided, one entry each: the journal."""
        return f"{self.prefix}:decisions"

    @property
    def decided(self) -> str:
        """What holds of it, by what it is about; neither expires nor is trimmed."""
        return f"{self.prefix}:decided"

    @property
    def decided_counts(self) -> str:
        """How often people decided what, by the rule and the place of what they chose."""
        return f"{self.prefix}:decided:counts"

    @property
    def waiting(self) -> str:
        """What waits for a person, in the order in which it is shown."""
        return f"{self.prefix}:review"

    @property
    def settled(self) -> str:
        """What was decided last, by time (ms), so that it can come back."""
        return f"{self.prefix}:review:settled"

    @property
    def review_items(self) -> str:
        """The evidence of what waits and of what was decided last."""
        return f"{self.prefix}:review:items"

    @property
    def snapshots(self) -> str:
        """Requests for a snapshot; written by anyone, read where `Settings.snapshot_requests` opens that door."""
        return f"{self.prefix}:snapshots"

    def snapshot(self, entry: str) -> str:
        """How far the snapshot was handed out that this entry asks for."""
        return f"{self.prefix}:snapshot:{entry}"

    @property
    def progress(self) -> str:
        """Channel on which every step of every request is told."""
        return f"{self.prefix}:progress"

    def feeds(self, group: str) -> list[str]:
        """The streams that a group reads, most urgent first."""
        if group == AGGREGATE:
            return [self.partials, self.lane(group)]
        if group == IDENTIFY:
            lanes = [self.accepted("interactive"), self.lane(group), self.accepted("bulk"), self.sorted]
            return [self.requests, *lanes]
        return [self.identified("interactive"), self.lane(group), self.identified("bulk")]

    def fixed(self, sources: list[str]) -> dict[str, str]:
        """The keys that all requests share, with the type that each must have."""
        streams = {*(s for s, _ in self.groups(sources)), self.enriched, self.dead, self.decisions}
        sets = {self.deadlines, self.closed, self.delayed, self.records, self.refresh, self.workers}
        sets |= {self.waiting, self.settled, self.forgotten}
        decided = (self.decided, self.decided_counts, self.review_items)
        return {
            **dict.fromkeys(sorted(streams), "stream"),
            **dict.fromkeys(sorted([*sets, *(self.failed(one) for one in sources)]), "zset"),
            **dict.fromkeys(
                (
                    self.delayed_bodies,
                    self.aliases,
                    self.reliability,
                    self.reliability_table,
                    *decided,
                    self.floor,
                ),
                "hash",
            ),
        }

    def groups(self, sources: list[str]) -> list[tuple[str, str]]:
        """Every (stream, group) of the fleet."""
        names = [IDENTIFY, *sources, AGGREGATE]
        return [(stream, group) for group in names for stream in self.feeds(group)]
