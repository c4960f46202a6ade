"""What is said when a command ends early: a reason, a next step and an exit code instead of a traceback."""

from __future__ import annotations

import sys

from redis.exceptions import AuthenticationError, RedisError, ResponseError

from streams.client import ServerFull
from streams.embedded import EmbeddedError
from streams.exits import Exit, Stop
from streams.policy_file import PolicyError
from streams.settings import SettingsError

_ELSEWHERE = "check REDIS_URL, or unset it to use the embedded server; `anime-enrich doctor` tells more"


def complain(error: Exception) -> Exit | None:
    """Say on stderr what went wrong and what to do; ``None`` (and silence) for a fault of our own."""
    told = explained(error)
    if told is None:
        return None
    red, plain = ("\033[31m", "\033[0m") if sys.stderr.isatty() else ("", "")
    sys.stderr.write(f"{red}anime-enrich: {told.message}{plain}\n")
    if told.next_step:
        sys.stderr.write(f"next step: {told.next_step}\n")
    return told.code


def explained(error: Exception) -> Stop | None:
    """The error as a sentence for the user; ``None`` when it is none of theirs."""
    match error:
        case Stop():
            return error
        case SettingsError() | PolicyError():
            return Stop(str(error), "`anime-enrich settings` lists every setting", Exit.USAGE)
        case EmbeddedError():
            return Stop(str(error), "`anime-enrich doctor` tells more")
        case ServerFull():
            return Stop(str(error), "`anime-enrich status` shows how far the workers are")
        case AuthenticationError() | ResponseError():
            return Stop(f"the server refuses: {error}", _ELSEWHERE)
        case RedisError():
            return Stop(f"the server is out of reach: {error}", _ELSEWHERE)
        case FileNotFoundError() | PermissionError() | IsADirectoryError():
            return Stop(f"{error.filename}: {(error.strerror or '').lower()}", "check the path", Exit.USAGE)
        case _:
            return None
