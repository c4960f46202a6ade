"""A version that changes when the code does: results of an older parser are not reused."""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from cache.results.keys import write_value


def source_version(function: Callable[..., Any], helpers: Iterable[Any] = (), number: int = 1) -> str:
    """``number`` and a digest of ``function`` and ``helpers`` (functions, classes, or plain values).

    Comments, layout, docstrings and decorators do not count.
    """
    digest = hashlib.sha256()
    for part in (function, *helpers):
        digest.update(hashlib.sha256(_text_of(part).encode()).digest())
    return f"{number}-{digest.hexdigest()[:12]}"


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


class _Bare(ast.NodeTransformer):
    """Drops what does not change what the code does."""

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.decorator_list = []
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)
