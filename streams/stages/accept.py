"""Takes requests in: reads what any client wrote, refuses what cannot be a request, opens its state."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from sources import discover
from streams.broker.delivery import BadEntry, read_json
from streams.contract.events import MAX_ID, TitleRequest
from streams.contract.validation_text import fault
from streams.text.nearest import nearest

_NULL = {"null", "None", "undefined"}
"""What programs write for nothing where a field must be a text."""
_NO_TEXT = TitleRequest.model_fields.keys() - {"title", "request_id", "parent", "reply_to"}
_OWN = {"data", "traceparent", "intake_id"}


def read_request(fields: Mapping[str, str], entry_id: str) -> TitleRequest:
    """The request in an entry: flat fields, or one field ``data`` with JSON (flat fields win).

    A request without an id of its own is known by its entry's id. Raises `BadEntry` with what to do about it.
    """
    values: dict[str, object] = read_json(fields["data"]) if "data" in fields else {}
    for name, value in fields.items():
        if name not in _OWN and value.strip() and not (name in _NO_TEXT and value.strip() in _NULL):
            values[name] = _flat(name, value)
    try:
        request = TitleRequest.model_validate(values)
    except ValidationError as error:
        raise BadEntry(fault(error), "see `anime-enrich schema` for the fields of a request") from None
    _check_sources(request)
    return request.model_copy(update={"request_id": request.request_id or entry_id})


def claimed_id(fields: Mapping[str, str], entry_id: str) -> str:
    """The request's id in an entry that is no good otherwise, so that whoever waits for it hears of it."""
    given = fields.get("request_id", "")
    if not given and "data" in fields:
        try:
            claimed = read_json(fields["data"]).get("request_id")
        except BadEntry:
            claimed = None
        given = claimed if isinstance(claimed, str) else ""
    return given.encode(errors="backslashreplace").decode()[:MAX_ID] or entry_id


def kept(request: TitleRequest) -> str:
    """A request as JSON, without members that we do not know. Raises `BadEntry` for what JSON cannot hold: half a character."""
    try:
        return request.model_dump_json(exclude_none=True, exclude=set(request.model_extra or ()))
    except PydanticSerializationError as error:
        raise BadEntry(f"a field cannot be kept ({error})", "leave it out") from None


def _flat(name: str, value: str) -> object:
    if name == "ids":
        return read_json(value, name)
    return value


def _check_sources(request: TitleRequest) -> None:
    for name in [*(request.only or []), *(request.skip or [])]:
        if name not in discover():
            near = nearest(name, discover())
            hint = f"did you mean {near}?" if near else f"known sources: {', '.join(discover())}"
            raise BadEntry(f"unknown source {name!r} in only or skip", hint)
