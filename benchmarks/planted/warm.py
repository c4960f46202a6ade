"""A pytest session that has loaded and collected everything; each try is a fork of it with a fault in the loaded code.

The functions that a fault changes get their new code, scripts their new text. What is no function's code (a constant of a
module, a default) is not reached that way: `Afresh` loads everything anew for it.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import hashlib
import importlib
import json
import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from benchmarks.planted.bed import Bed, forget_own, in_a_fork
from benchmarks.planted.plant import Fault

SKIPPED = "not slow and not browser and not docker and not live"
_OPTIONS = ("-q", "-n", "0", "-p", "no:cacheprovider", "-m", SKIPPED)
_OWN_FAULTS = {"test_a_comparison_that_is_deleted_leads_to_a_story"}
"""They plant faults themselves."""
HANGS = "(takes too long)"


class Afresh:
    """A process with nothing of ours loaded, whose forks run tests from the beginning."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        if not os.fork():
            _serve(theirs)
        theirs.close()

    def finds(self, tests: Sequence[str], seconds: float) -> bool:
        """Whether one of the tests fails."""
        self._ours.sendall(json.dumps({"tests": list(tests), "seconds": seconds}).encode() + b"\n")
        return self._ours.recv(1) == b"1"


def _serve(line: socket.socket) -> None:
    try:
        os.closerange(3, line.fileno())  # who reads the other end of a pipe must see it end
        os.closerange(line.fileno() + 1, 1024)
        for asked in line.makefile("rb"):
            told = json.loads(asked)
            code = in_a_fork(lambda told=told: _main(told["tests"]), told["seconds"])  # type: ignore[misc]
            line.sendall(b"1" if code not in {0, 5} else b"0")  # 5: nothing to run
    finally:
        os._exit(0)


def _main(tests: Sequence[str]) -> int:
    forget_own()
    return int(importlib.import_module("pytest").main(["-x", *_OPTIONS, *tests]))


class Warm:
    """One session over some test files, with one server for all who want no server of their own."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed
        self.items: dict[str, Any] = {}
        self._functions: dict[str, list[FunctionType]] = {}
        self._session: Any = None
        self._server: Any = None
        self._work: Callable[[], None] = lambda: None

    def go(self, tests: Sequence[str], work: Callable[[], None]) -> None:
        """Collect, and do ``work`` where the tests would run."""
        self._work = work
        importlib.import_module("pytest").main([*_OPTIONS, *tests], plugins=[self])

    def pytest_runtestloop(self, session: Any) -> bool:
        sys.dont_write_bytecode = True  # from here on files may hold faults
        self._session = session
        self.items = {one.nodeid: one for one in session.items if one.originalname not in _OWN_FAULTS}
        servers = importlib.import_module("benchmarks.support.servers")
        with tempfile.TemporaryDirectory() as folder, servers.Server(Path(folder)) as server:
            self._server = server
            for one in session.config.pluginmanager.get_plugins():
                if str(getattr(one, "__file__", "")) == str(self.bed.folder / "tests" / "conftest.py"):
                    one.Server = lambda _: contextlib.nullcontext(server)
            gc.freeze()
            self._work()
        return True

    @property
    def failed(self) -> bool:
        return bool(self._session.testsfailed)

    def run(
        self, tests: Sequence[str], around: Callable[[str], contextlib.AbstractContextManager[None]]
    ) -> bool:
        """Run tests one after another, each inside of ``around(its name)``; ``False`` at the first that fails."""
        items = [self.items[one] for one in tests]
        for item, following in zip(items, [*items[1:], None], strict=True):
            with around(item.nodeid):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return False
        return True

    def finder(self, tests: Sequence[str], seconds: float, fault: Fault) -> str | None:
        """The first test that fails with the fault in its place, ''; ``None`` when it cannot be put into the loaded code."""
        self._known(fault.path)
        note = self.bed.folder / ".finder"
        note.unlink(missing_ok=True)
        code = in_a_fork(lambda: self._try(tests, fault, note), seconds)
        self._tidy(restart=code < 0)
        if code == _NO_FUNCTION:
            return None
        return HANGS if code < 0 else note.read_text(encoding="utf-8") if note.exists() else ""

    def passing(self, tests: Sequence[str], seconds: float, around: Any) -> None:
        """Run tests on the sound code in a fork, whatever comes of it."""
        in_a_fork(lambda: int(self._all(tests, around)), seconds)
        self._tidy(restart=True)

    def _all(self, tests: Sequence[str], around: Any) -> bool:
        for one in tests:
            self.run([one], around)
            self._session.testsfailed = 0
        return True

    def _try(self, tests: Sequence[str], fault: Fault, note: Path) -> int:
        if not self._exchange(fault):
            return _NO_FUNCTION

        @contextlib.contextmanager
        def named(test: str) -> Any:
            yield
            if self.failed:
                note.write_text(test, encoding="utf-8")

        return int(not self.run(tests, named))

    def _tidy(self, *, restart: bool) -> None:
        """The next try finds a server that is well and empty."""
        try:
            if restart:
                raise ConnectionError
            self._server.client.flushall()
        except Exception:  # noqa: BLE001 - a script that never ends, a server that was killed: a new one either way
            self._server.kill()
            for left in self._server.folder.glob("appendonlydir/*"):
                left.unlink()
            self._server.start()

    def _known(self, path: str) -> None:
        if path not in self._functions and path.endswith(".py"):
            whole = str(self.bed.folder / path)
            gc.unfreeze()
            found = [one for one in gc.get_objects() if isinstance(one, FunctionType)]
            gc.freeze()
            self._functions[path] = [one for one in found if one.__code__.co_filename == whole]

    def _exchange(self, fault: Fault) -> bool:
        """Put the fault into what is loaded; ``False`` where more than functions has changed."""
        if fault.path.endswith(".lua"):
            _exchange_script(fault, (self.bed.folder / fault.path).read_text(encoding="utf-8"))
            return True
        path = self.bed.folder / fault.path
        if (statement := constant(fault, path.read_text(encoding="utf-8"))) is not None:
            return _exchange_constant(path, statement)
        new = _codes(compile(path.read_text(encoding="utf-8"), str(path), "exec"))
        own = self._functions[fault.path]
        changed = [one for one in own if one.__code__ != new.get(_key(one.__code__))]
        for one in changed:
            code = new.get(_key(one.__code__))
            if code is None or code.co_freevars != one.__code__.co_freevars:
                return False
            one.__code__ = code
        return bool(changed)


_NO_FUNCTION = 77


def _exchange_script(fault: Fault, planted: str) -> None:
    """Scripts are read once: those that hold the sound text get the planted one."""
    loader, scripts = (
        importlib.import_module("cache.lua_script"),
        importlib.import_module("streams.broker.scripts"),
    )
    sound = planted[: fault.start] + fault.before + planted[fault.start + len(_put(fault)) :]
    loader.lua_script.cache_clear()
    scripts.script.cache_clear()
    gc.unfreeze()
    for one in gc.get_objects():
        if isinstance(one, loader.LuaScript) and sound in one.source:
            source = one.source.replace(sound, planted)
            object.__setattr__(one, "source", source)
            object.__setattr__(
                one, "digest", hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
            )


def constant(fault: Fault, planted: str) -> ast.stmt | None:
    """The statement that gives a name of a module the value with the fault in it, if it is such a one."""
    for one in ast.parse(planted).body:
        if one.lineno <= fault.line and fault.last <= (one.end_lineno or 0):
            return one if isinstance(one, ast.Assign | ast.AnnAssign) else None
    return None


def _exchange_constant(path: Path, statement: ast.stmt) -> bool:
    """Give a name its new value in its module and in all that have it from there."""
    own = next((one for one in _own_modules() if one.__file__ == str(path)), None)
    if own is None:
        return False
    new = dict(vars(own))
    exec(compile(ast.Module([statement], []), str(path), "exec"), new)
    changed = {name: value for name, value in new.items() if vars(own).get(name) is not value}
    for module in _own_modules():
        for name in changed.keys() & vars(module).keys():
            if vars(module)[name] is vars(own)[name] and module is not own and _has_it(module, own, name):
                setattr(module, name, changed[name])
    for name, value in changed.items():
        setattr(own, name, value)
    return bool(changed)


def _has_it(module: ModuleType, own: ModuleType, name: str) -> bool:
    """Whether a module has a name from another, directly or by the way of its room."""
    return bool(
        re.search(
            rf"^from {own.__name__.partition('.')[0]}[.\w]* import [^#]*\b{name}\b",
            _text(module),
            re.MULTILINE | re.DOTALL,
        )
    )


def _text(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")


def _own_modules() -> list[ModuleType]:
    tops = ("streams", "sources", "cache")
    return [one for name, one in list(sys.modules.items()) if name.split(".")[0] in tops and one.__file__]


def _put(fault: Fault) -> str:
    """What stands in the planted text in place of what was there."""
    nothing = Fault(fault.path, 0, len(fault.before), 1, 1, fault.before, fault.after, ("", ""))
    return nothing.planted(fault.before)


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """All code of a file by its qualified name and first line."""
    found = {_key(code): code}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found.update(_codes(inner))
    return found


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno
