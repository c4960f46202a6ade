"""Exit codes of the command line, and errors that end it with a reason and a next step."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    AMBIGUOUS = 4
    INTERRUPTED = 130


OF_STATUS = {
    "complete": Exit.OK,
    "partial": Exit.OK,
    "not_found": Exit.NOT_FOUND,
    "ambiguous": Exit.AMBIGUOUS,
    "failed": Exit.FAILED,
}


class Stop(Exception):  # noqa: N818 - it ends the command
    """Ends a command with one sentence, a next step and an exit code; never with a traceback."""

    def __init__(self, message: str, next_step: str = "", code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.code = code
