"""A copy of the repository in which faults are planted, and processes that run tests there without loading everything anew.

The product is loaded once, from the copy; each try is a fork of that, in which the functions that the fault changes get their
new code. What is no function's code (a constant of a module, a default) is loaded anew in the fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pkgutil
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType

from benchmarks.planted.covering import ROOT, TOPS
from benchmarks.planted.plant import Fault

_CARRIED = (*TOPS, "tests", "benchmarks", "contracts", "docs", "examples", "deploy")
_OWN = {*TOPS, "tests", "benchmarks"}
_HELPERS = ("tests.support", "benchmarks.support", "benchmarks.orders")
SKIPPED = "not slow and not browser and not docker and not live"


class Bed:
    """One copy; one fault at a time. The process that makes it belongs to the copy from then on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _CARRIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for path in ROOT.glob("*.*"):
            if path.is_file():
                shutil.copy(path, folder / path.name)
        os.chdir(folder)
        sys.dont_write_bytecode = True
        os.environ.update(PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1")
        sys.path[:] = [str(folder), *(one for one in sys.path if Path(one).resolve() != ROOT)]
        _forget_own()
        _load()

    @contextlib.contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        """The copy with a fault, for a while."""
        path = self.folder / fault.path
        sound = path.read_text(encoding="utf-8")
        path.write_text(fault.planted(sound), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(sound, encoding="utf-8")

    def passes(self, words: Sequence[str], seconds: float, fault: Fault | None = None) -> bool:
        """Whether tests pass, with the fault in the code that is loaded; what takes longer than ``seconds`` does not."""
        return in_a_fork(lambda: _test(words, self.folder, fault), seconds) in {0, 5}  # 5: nothing to run


def in_a_fork(what: Callable[[], int], seconds: float) -> int:
    """What a function returns in a process of its own, which tells nobody anything; -1 when it took too long."""
    child = os.fork()
    if not child:
        _be(what)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


def _be(what: Callable[[], int]) -> None:
    code = 1
    try:
        os.setsid()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = what()
    finally:
        os._exit(code)


def _test(words: Sequence[str], folder: Path, fault: Fault | None) -> int:
    if fault is not None and fault.path.endswith(".py") and not _exchange(folder / fault.path):
        _forget_own()
    pytest = importlib.import_module("pytest")
    return int(pytest.main(["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", SKIPPED, *words]))


def _exchange(path: Path) -> bool:
    """Give the functions of a file the code that stands there now; ``False`` where more than functions has changed."""
    module = next(
        (one for one in list(sys.modules.values()) if getattr(one, "__file__", None) == str(path)), None
    )
    if module is None:
        return True
    new = _codes(compile(path.read_text(encoding="utf-8"), str(path), "exec"))
    functions = [one for one in gc.get_objects() if isinstance(one, FunctionType)]
    own = [one for one in functions if one.__code__.co_filename == str(path)]
    changed = [one for one in own if one.__code__ != new.get(one.__code__.co_qualname)]
    for one in changed:
        code = new.get(one.__code__.co_qualname)
        if code is None or code.co_freevars != one.__code__.co_freevars:
            return False
        one.__code__ = code
    return bool(changed)


def _codes(code: CodeType) -> dict[str, CodeType]:
    """All code of a file by its qualified name."""
    found = {code.co_qualname: code}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found.update(_codes(inner))
    return found


def _forget_own() -> None:
    for name in [one for one in sys.modules if one.split(".")[0] in _OWN]:
        del sys.modules[name]


def _load() -> None:
    """Everything that tests need, once; what cannot be loaded here is left to them."""
    importlib.import_module("pytest")
    for top in (*TOPS, *_HELPERS):
        package = importlib.import_module(top)
        for one in pkgutil.walk_packages(package.__path__, f"{top}."):
            if not one.name.endswith("__main__"):
                with contextlib.suppress(Exception):
                    importlib.import_module(one.name)
