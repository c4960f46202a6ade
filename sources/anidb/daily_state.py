"""When the dump was asked for and when it may be asked for again, kept in a file that all processes share."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cache.backoff import doubled
from cache.rules import DAY
from sources.errors import Reason, SourceError

_FIRST_PAUSE = 600.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """When the dump was asked for, when it may be asked for again (Unix seconds), and what came of it."""

    asked: float = 0.0
    again: float = 0.0
    failures: int = 0
    reason: str = ""
    etag: str = ""
    last_modified: str = ""

    def failed(self, now: float, reason: Reason, wait: float = 0.0) -> State:
        """After a failure: ten minutes, doubling up to a day; a whole day where asking again soon is no use."""
        transient = SourceError(reason, "").transient
        pause = doubled(self.failures + 1, _FIRST_PAUSE, DAY) if transient else DAY
        return replace(
            self, asked=now, again=now + max(pause, wait), failures=self.failures + 1, reason=reason.value
        )


def read_state(path: Path) -> State:
    """What ``path`` says; a state of nothing asked yet where there is no sound file."""
    try:
        return State(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return State()
    except (ValueError, TypeError) as error:
        _LOG.warning("anidb titles: %s is damaged (%s) and is written anew", path.name, error)
        return State()


def write_state(path: Path, state: State) -> None:
    """Replace ``path`` in one step."""
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_text(json.dumps(asdict(state)), encoding="utf-8")
    fresh.replace(path)
