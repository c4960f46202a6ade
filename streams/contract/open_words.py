"""Reads what a newer version of ours wrote: a word that an enumeration of the contract lacks stays as it is. Pure.

The enumerations of what goes out may get new words (`streams.contract.compatibility`). Who validates with the models of the
contract would lose the whole event over one of them.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError, create_model

from streams.contract.events import EnrichedTitle
from streams.contract.record import EnrichedRecord, Refusal

Model = TypeVar("Model", bound=BaseModel)


def read_output(values: Mapping[str, Any]) -> EnrichedTitle:
    """An output event, as `streams.contract.entries.as_event` makes it. Raises ``ValueError`` for what is none.

    Where it holds words that are not known here, the event is of a class like `EnrichedTitle` whose enumerations are open.
    """
    try:
        return EnrichedTitle.model_validate(values)
    except ValidationError:
        record = EnrichedRecord if "anime_id" in values.get("record", {}) else Refusal
        return _open_title(record).model_validate(values)


@cache
def _open_title(record: type[BaseModel]) -> type[EnrichedTitle]:
    """``record`` is told before: with open words a record would pass for a refusal."""
    return create_model("EnrichedTitle", __base__=_opened(EnrichedTitle), record=(_opened(record), ...))


@cache
def _opened(model: type[Model]) -> type[Model]:
    """The same model with text wherever it, or one inside it, has an enumeration."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if (wider := _wider(field.annotation)) != field.annotation:
            fields[name] = (wider, field)
    return create_model(model.__name__, __base__=model, **fields) if fields else model


def _wider(kind: Any) -> Any:
    """A type whose enumerations are open."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return kind | str
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _opened(kind)
    if not inner:
        return kind
    widened = tuple(_wider(one) for one in inner)
    if origin in {Union, types.UnionType}:
        return reduce(or_, widened)
    return kind if widened == inner else origin[widened]
