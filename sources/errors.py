"""Why a source gave no record: a class, a reason code, and the next step to take."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Reason codes; the same words stand in records, dead letters, logs and metrics."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    UPSTREAM_ERROR = "upstream_error"
    BAD_REPLY = "bad_reply"
    CHANGED_LAYOUT = "changed_layout"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    MISMATCH = "mismatch"
    BANNED = "banned"
    CHALLENGE = "challenge"
    FORBIDDEN = "forbidden"
    ROBOTS = "robots"
    NOT_CONFIGURED = "not_configured"
    MISCONFIGURED = "misconfigured"
    UNAVAILABLE = "unavailable"
    SKIPPED = "skipped"
    DEADLINE = "deadline"
    NO_ID = "no_id"
    INTERNAL = "internal"


_OUTCOMES = {
    Reason.TIMEOUT: "timeout",
    Reason.DEADLINE: "timeout",
    Reason.NOT_FOUND: "not_found",
    Reason.AMBIGUOUS: "ambiguous",
    Reason.MISMATCH: "mismatch",
    Reason.BANNED: "blocked",
    Reason.CHALLENGE: "blocked",
    Reason.FORBIDDEN: "blocked",
    Reason.ROBOTS: "blocked",
    Reason.NOT_CONFIGURED: "not_configured",
    Reason.UNAVAILABLE: "unavailable",
    Reason.SKIPPED: "skipped",
}

TRANSIENT = frozenset(
    {Reason.TIMEOUT, Reason.UNREACHABLE, Reason.RATE_LIMITED, Reason.UPSTREAM_ERROR, Reason.BAD_REPLY}
)
"""Reasons worth asking again for soon; a ban, a missing entry or a changed page are not."""


class SourceError(Exception):
    """A source could not answer.

    Args:
        reason: code from `Reason`.
        message: one sentence for a person, without secrets.
        next_step: what the reader can do about it; may be empty.
        retry_after: seconds the site asked us to wait, if it said so.
        source: name of the source, filled in by whoever knows it.
        other_id: the id of the entry that the site gave in place of the one that was asked for.
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        next_step: str = "",
        retry_after: float | None = None,
        source: str = "",
        other_id: str = "",
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.next_step = next_step
        self.retry_after = retry_after
        self.source = source
        self.other_id = other_id

    @property
    def outcome(self) -> str:
        """The record's word for this failure (``blocked``, ``timeout``, ``failed``, ...)."""
        return _OUTCOMES.get(self.reason, "failed")

    @property
    def transient(self) -> bool:
        """Whether asking again soon makes sense."""
        return self.reason in TRANSIENT


class NotAnEntry(ValueError):  # noqa: N818 - the contract's name
    """A reply that is no anime entry; ``reason`` is banned, challenge, not_found, changed_layout or error."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason

    def as_source_error(self, source: str) -> SourceError:
        """The same finding as the error that a fetch raises."""
        code = Reason.UPSTREAM_ERROR if self.reason == "error" else Reason(self.reason)
        return SourceError(code, f"{source}: {self}", source=source)
