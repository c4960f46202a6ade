"""A version that changes when the code does: results of an older parser are not reused."""

from __future__ import annotations

import ast
import dis
import hashlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cache.results.keys import Unwritable, write_value


def source_version(function: Callable[..., Any], helpers: Iterable[Any] = (), number: int = 1) -> str:
    """``number`` and a digest of ``function`` and ``helpers`` (functions, classes, or plain values).

    Comments, layout, docstrings and decorators do not count. What the function closes over does, as it is now: values
    that `write_value` can write, functions by their text, anything else by its type. A name that the function itself
    rebinds is a counter of its own and does not count.
    """
    digest = hashlib.sha256()
    for part in (function, *helpers):
        digest.update(hashlib.sha256(_text_of(part).encode()).digest())
    for name, value in _closed_over(function):
        digest.update(f"\0{name}\0{_identity(value)}".encode())
    return f"{number}-{digest.hexdigest()[:12]}"


def _closed_over(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    cells = getattr(function, "__closure__", None) or ()
    if code is None:
        return
    rebound = {one.argval for one in dis.get_instructions(code) if one.opname == "STORE_DEREF"}
    for name, cell in zip(code.co_freevars, cells, strict=True):
        try:
            value = cell.cell_contents
        except ValueError:  # not bound yet: a function that calls itself
            continue
        if name not in rebound:
            yield name, value


def _identity(value: Any) -> str:
    try:
        return repr(write_value(value))
    except Unwritable:
        return (
            _text_of(value)
            if inspect.isfunction(value)
            else f"{type(value).__module__}.{type(value).__qualname__}"
        )


def _text_of(part: Any) -> str:
    if not callable(part):
        return repr(write_value(part))
    part = inspect.unwrap(part)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(part)))
    except (OSError, SyntaxError):
        # Typed at a prompt, or a lambda in the middle of a line: the compiled code speaks for it.
        code = part.__code__
        return repr((code.co_code.hex(), code.co_names, [str(const) for const in code.co_consts]))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.name = ""  # the key says it already, with its module
    return ast.dump(_Bare().visit(tree))


def files_version(*places: Path) -> str:
    """A digest of all files in these folders (or of these files) as they lie there: code, and the tables beside it.

    Raises ``OSError`` where the code does not lie in files.
    """
    digest = hashlib.sha256(repr(sys.version_info[:3]).encode())
    for place in places:
        digest.update(place.name.encode() + b"\0" + _digest(place))
    return digest.hexdigest()[:24]


@cache
def _digest(place: Path) -> bytes:
    """Of a file, or of all that lies in a folder; each is read once in a process."""
    if not place.is_dir():
        return hashlib.sha256(place.read_bytes()).digest()
    digest = hashlib.sha256()
    for one in sorted(place.iterdir()):
        if one.suffix != ".pyc" and one.name != "__pycache__":
            digest.update(one.name.encode() + b"\0" + _digest(one))
    return digest.digest()


class _Bare(ast.NodeTransformer):
    """Drops what does not change what the code does."""

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.decorator_list = []
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)
