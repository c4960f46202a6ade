"""Structured logs over the standard `logging`: one line an event, request id everywhere, no secrets.

Nothing is written unless somebody configures logging: a command by `configure`, a program that uses us as it likes.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streams.text.secrets import without_secrets

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

_NOISY = ("asyncio", "uvicorn.access", "hishel", "httpx")


class Event:
    """What happened and its circumstances; as text ``accepted request_id=r title=Bebop``."""

    __slots__ = ("fields", "what")

    def __init__(self, what: str, fields: Mapping[str, object]) -> None:
        self.what, self.fields = what, fields

    def __str__(self) -> str:
        return without_secrets(
            " ".join([self.what, *(f"{key}={value}" for key, value in self.fields.items())])
        )


class Log:
    """Writes events to one standard logger."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, what: str, /, **fields: object) -> None:
        """For whoever looks for a fault."""
        self._write(logging.DEBUG, what, fields)

    def info(self, what: str, /, **fields: object) -> None:
        """The way of things."""
        self._write(logging.INFO, what, fields)

    def warning(self, what: str, /, **fields: object) -> None:
        """Something costs more than it should."""
        self._write(logging.WARNING, what, fields)

    def error(self, what: str, /, *, exc_info: BaseException | None = None, **fields: object) -> None:
        """Something does not work."""
        self._write(logging.ERROR, what, fields, exc_info)

    def exception(self, what: str, /, **fields: object) -> None:
        """A fault of ours that is being handled."""
        self._write(logging.ERROR, what, fields, sys.exception())

    def _write(
        self, level: int, what: str, fields: Mapping[str, object], error: BaseException | None = None
    ) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, Event(what, fields), exc_info=error, stacklevel=3)


def logger(name: str) -> Log:
    """The log of one module, ``streams.<name>`` to the standard library."""
    return Log(f"streams.{name}")


def configure(level: str = "INFO", style: str = "auto") -> None:
    """Send the logs of this process to stderr as text or JSON; ``auto`` is text on a terminal. For commands only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(as_text=style == "text" or (style == "auto" and sys.stderr.isatty())))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    _tell_of_the_unforeseen()
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _tell_of_the_unforeseen() -> None:
    """What Python itself would print to stderr becomes a line like all others, down to the last one."""
    last = logger("python")

    def broke(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
        last.error("the process broke", exc_info=error)

    def thread_broke(args: threading.ExceptHookArgs) -> None:
        last.error("a thread broke", exc_info=args.exc_value)

    def overlooked(args: sys.UnraisableHookArgs) -> None:
        last.error("overlooked", exc_info=args.exc_value, where=str(args.err_msg or args.object)[:200])

    sys.excepthook, threading.excepthook, sys.unraisablehook = broke, thread_broke, overlooked


class _Lines(logging.Formatter):
    """Loads what writes the lines with the first one: a command that has nothing to say starts without it."""

    def __init__(self, *, as_text: bool) -> None:
        super().__init__()
        self._as_text = as_text
        self._writer: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        self._writer = self._writer or _formatter(as_text=self._as_text)
        return self._writer.format(record)


def _formatter(*, as_text: bool) -> logging.Formatter:
    import structlog

    last: Processor = structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            _with_fields,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _hide_secrets,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )


def _with_fields(_logger: Any, _method: str, event: EventDict) -> EventDict:
    message = event["_record"].msg
    return {**event, **message.fields, "event": message.what} if isinstance(message, Event) else event


def _hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {key: without_secrets(value) if isinstance(value, str) else value for key, value in event.items()}
