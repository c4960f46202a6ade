"""What a publisher with FastStream writes: one field with an envelope, where everybody else writes fields."""

from __future__ import annotations

from collections.abc import Mapping

from faststream.redis import BinaryMessageFormatV1

FIELD = b"__data__"


def opened(fields: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    """The fields of an entry. An envelope's body becomes the field ``data``, its trace the field ``traceparent``."""
    packed = fields.get(FIELD)
    if packed is None:
        return fields
    body, headers = BinaryMessageFormatV1.parse(packed)
    trace = headers.get("traceparent")
    rest = {name: value for name, value in fields.items() if name != FIELD}
    return {**rest, b"data": body, **({b"traceparent": str(trace).encode()} if trace else {})}
