"""Results as bytes: JSON that pydantic checks when it is read. Never pickle."""

from __future__ import annotations

import logging
import typing
from collections.abc import Callable
from typing import Any

from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

log = logging.getLogger(__name__)


class ResultCodec:
    """A return type as bytes: itself when it is bytes, else JSON checked by pydantic when read."""

    def __init__(self, function: Callable[..., Any]) -> None:
        hints = typing.get_type_hints(function)
        if "return" not in hints:
            raise TypeError(f"{function.__qualname__} needs a return annotation to be cached")
        self._raw = hints["return"] is bytes
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(hints["return"])
        except PydanticSchemaGenerationError as error:
            raise TypeError(f"results of {function.__qualname__} cannot be serialised") from error

    def dump(self, value: Any) -> bytes | None:
        """Bytes of ``value``; ``None`` (and a warning) when it is not what the annotation says."""
        if self._raw:
            return bytes(value)
        try:
            body = self._adapter.dump_json(value, warnings="error")
            self._adapter.validate_json(body)
        except (PydanticSerializationError, ValidationError) as error:
            log.warning(
                "cache: a result does not fit its annotation and is not kept (%s)", type(error).__name__
            )
            return None
        return body

    def load(self, body: bytes) -> Any:
        """The value. Raises `ValidationError`."""
        return body if self._raw else self._adapter.validate_json(body)
