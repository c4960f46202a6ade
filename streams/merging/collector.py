"""Keeps Python's cycle collector from looking through a record while it is being built."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def uncollected(build: Callable[P, R]) -> Callable[P, R]:
    """Run ``build`` without collections: it makes tens of thousands of objects, none of them in a cycle."""

    @wraps(build)
    def paused(*args: P.args, **kwargs: P.kwargs) -> R:
        if not gc.isenabled():
            return build(*args, **kwargs)
        gc.disable()
        try:
            return build(*args, **kwargs)
        finally:
            gc.enable()

    return paused
