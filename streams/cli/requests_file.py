"""Requests from a file: one a line, as a JSON object or as a bare title."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from streams.cli.exit_codes import Exit, Stop
from streams.config.values import check_sources
from streams.contract.events import Priority, TitleRequest
from streams.contract.validation_text import fault

SHOWN = 5


def read_requests(lines: Iterable[str], priority: Priority, *, again: bool = False) -> list[TitleRequest]:
    """The requests in ``lines``; empty lines and lines that begin with # are left out.

    A line without ``request_id`` gets one made of what it asks, so that publishing the file once more continues it
    instead of asking twice; with ``again`` the ids are new. Raises `Stop` naming every line that is no request.
    """
    requests, faults = [], []
    salt = secrets.token_hex(8) if again else ""
    for number, line in enumerate(lines, 1):
        if not _asks(line):
            continue
        try:
            requests.append(_with_id(_request(line, priority), salt))
        except ValueError as error:
            faults.append(f"line {number}: {fault(error)}")
    if faults:
        raise Stop(_listed(faults), "mend them; nothing was published", Exit.USAGE)
    return list({request.request_id: request for request in requests}.values())


def count_requests(lines: Iterable[str]) -> int:
    """How many of ``lines`` ask for something, those included that ask for the same."""
    return sum(_asks(line) for line in lines)


def _asks(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _request(line: str, priority: Priority) -> TitleRequest:
    text = line.strip()
    values: Any = _json(text) if text[0] in '{["' else text
    if isinstance(values, str):
        values = {"title": values}
    if not isinstance(values, dict):
        raise ValueError("neither a JSON object nor a title")  # noqa: TRY004 - one kind of fault for the caller
    request = TitleRequest.model_validate({"priority": priority, **values})
    check_sources([*(request.only or []), *(request.skip or [])])
    return request


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"no sound JSON: {error.msg.lower()} at sign {error.colno}") from None
    except RecursionError:
        raise ValueError("no sound JSON: nested too deeply") from None


def _with_id(request: TitleRequest, salt: str) -> TitleRequest:
    if request.request_id:
        return request
    asked = salt + request.model_dump_json(exclude_none=True, exclude={"priority", "schema_version"})
    return request.model_copy(
        update={"request_id": f"file-{hashlib.sha256(asked.encode()).hexdigest()[:20]}"}
    )


def _listed(faults: Sequence[str]) -> str:
    more = f"\n  and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    return "the file has lines that are no requests\n  " + "\n  ".join(faults[:SHOWN]) + more
