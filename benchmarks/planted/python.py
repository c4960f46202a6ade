"""The fences of a Python file: comparisons, conditions, bounds and constants, planted one at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from benchmarks.planted.plant import Fault, another, fault_at, told_apart

_OTHER = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_BOUNDS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def faults(path: str, source: str) -> list[Fault]:
    """Every fault that can be planted in a file, in the order of the text."""
    places = _Places(path, source)
    found = {fault for node in _code(ast.parse(source)) for fault in _of(places, node)}
    return told_apart(sorted(found, key=lambda one: (one.start, one.end, one.after)))


class _Places:
    """Where the nodes of a file stand in its text."""

    def __init__(self, path: str, source: str) -> None:
        self.path, self.source = path, source
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._raw = source.splitlines(keepends=True)

    def at(self, line: int, column: int) -> int:
        """The place of a column that is counted in bytes, as the parser does."""
        return self._lines[line - 1] + len(self._raw[line - 1].encode()[:column].decode())

    def fault(self, node: ast.expr, after: str) -> Fault:
        start = self.at(node.lineno, node.col_offset)
        end = self.at(node.end_lineno or 0, node.end_col_offset or 0)
        return fault_at(self.path, self.source, start, end, after)

    def text(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.source, node) or ""


_SAYS_ONLY = {"annotation", "returns", "exc", "decorator_list"}


def _code(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but those that only say something: annotations, docstrings, messages of errors, how a class is made."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for name, child in _children(node) if name not in _SAYS_ONLY]


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield name, child


def _of(places: _Places, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Compare):
        yield from _comparison(places, node)
    elif isinstance(node, ast.BoolOp):
        yield from _parts(places, node)
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield from _condition(places, node.test)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield places.fault(test, "True")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield places.fault(node, f"({places.text(node.operand)})")
    elif isinstance(node, ast.Constant):
        yield from _constant(places, node)


def _comparison(places: _Places, node: ast.Compare) -> Iterator[Fault]:
    """The sign turned round; a bound that is one off; all of it as if it always or never held."""
    words = [places.text(node.left), *(places.text(one) for one in node.comparators)]
    signs = [places.source[places.at(*_end(a)) : places.at(*_begin(b))] for a, b in _pairs(node)]
    for place, op in enumerate(node.ops):
        turned = [f" {_OTHER[type(op)]} " if place == at else sign for at, sign in enumerate(signs)]
        yield places.fault(node, "".join(_mixed(words, turned)))
    if any(isinstance(op, _BOUNDS) for op in node.ops):
        yield places.fault(node, "True")
        yield places.fault(node, "False")


def _pairs(node: ast.Compare) -> list[tuple[ast.expr, ast.expr]]:
    return list(pairwise([node.left, *node.comparators]))


def _begin(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


def _mixed(words: list[str], signs: list[str]) -> Iterator[str]:
    for word, sign in zip(words, [*signs, ""], strict=True):
        yield word
        yield sign


def _parts(places: _Places, node: ast.BoolOp) -> Iterator[Fault]:
    """Each part of a condition deleted: as if it always held, or, between ``or``, as if it never did."""
    gone = "True" if isinstance(node.op, ast.And) else "False"
    for part in node.values:
        if not isinstance(part, ast.Constant):
            yield places.fault(part, gone)


def _condition(places: _Places, test: ast.expr) -> Iterator[Fault]:
    if not isinstance(test, ast.Constant):
        yield places.fault(test, "True")
        yield places.fault(test, "False")


def _constant(places: _Places, node: ast.Constant) -> Iterator[Fault]:
    if isinstance(node.value, bool):
        yield places.fault(node, str(not node.value))
    elif isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield places.fault(node, repr(another(node.value)))
