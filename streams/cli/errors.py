"""What is said when a command ends early: a reason, a next step and an exit code instead of a traceback."""

from __future__ import annotations

import errno
import sys

from redis.exceptions import RedisError, ResponseError

from streams.broker.embedded import EmbeddedError
from streams.cli.called import as_called
from streams.cli.exit_codes import Exit, Stop
from streams.client.client import NotCopied, ServerFull
from streams.config.toml_file import PolicyError
from streams.config.values import SettingsError
from streams.contract.validation_text import why
from streams.operations.server_errors import next_step

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_PLACE = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENAMETOOLONG,
}
_ELSEWHERE = "check REDIS_URL, or unset it to use the embedded server; `anime-enrich doctor` tells more"

_KNOWN: tuple[tuple[tuple[type[Exception], ...], str, str, Exit], ...] = (
    ((SettingsError, PolicyError), "", "`anime-enrich settings` lists every setting", Exit.USAGE),
    ((EmbeddedError,), "", "`anime-enrich doctor` tells more", Exit.FAILED),
    ((ServerFull,), "", "`anime-enrich status` shows how far the workers are", Exit.FAILED),
    (
        (NotCopied,),
        "",
        "`redis-cli INFO replication` shows the replicas; PUBLISH_COPIES how many must have it",
        Exit.FAILED,
    ),
    ((ResponseError,), "the server refuses: ", _ELSEWHERE, Exit.FAILED),
    ((RedisError,), "the server is out of reach: ", _ELSEWHERE, Exit.FAILED),
)
"""Errors that are the user's to mend: how the sentence begins, the next step, the exit code. The first that fits."""


def complain(error: Exception) -> Exit | None:
    """Say on stderr what went wrong and what to do; ``None`` (and silence) for a fault of our own."""
    told = explained(error)
    if told is None:
        return None
    red, plain = ("\033[31m", "\033[0m") if sys.stderr.isatty() else ("", "")
    sys.stderr.write(f"{red}anime-enrich: {as_called(told.message)}{plain}\n")
    if told.next_step:
        sys.stderr.write(f"next step: {as_called(told.next_step)}\n")
    return told.code


def explained(error: Exception) -> Stop | None:
    """The error as a sentence for the user; ``None`` when it is none of theirs."""
    if isinstance(error, Stop):
        return error
    if isinstance(error, OSError) and error.filename and error.errno in _NO_PLACE:
        return Stop(f"{error.filename}: {why(error)}", "check the path", Exit.USAGE)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        where = error.filename or "the output"
        return Stop(f"{where} cannot be written: {why(error)}", "make room", Exit.FAILED)
    if isinstance(error, RedisError) and (step := next_step(error)):
        return Stop(f"the server refuses: {error}", step, Exit.FAILED)
    for kinds, beginning, step, code in _KNOWN:
        if isinstance(error, kinds):
            return Stop(f"{beginning}{error}", step, code)
    return None
