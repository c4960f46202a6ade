"""A copy of the repository in which faults are planted, and forks of this process that run something there."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.planted.covering import ROOT, TOPS
from benchmarks.planted.plant import Fault

_CARRIED = (*TOPS, "tests", "benchmarks", "contracts", "docs", "examples", "deploy")
_OWN = {*TOPS, "tests", "benchmarks"}
_LATER_S = 100_000
"""A planted file is as much younger than the sound one, so that no compiled code is taken for its own."""


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
        os.environ.update(PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1")
        sys.path[:] = [str(folder), *(one for one in sys.path if Path(one).resolve() != ROOT)]
        sys.dont_write_bytecode = False
        self.run_when_loaded: set[tuple[str, int]] = set()
        forget_own()

    @contextlib.contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        """The copy with a fault, for a while."""
        path = self.folder / fault.path
        sound, stood = path.read_text(encoding="utf-8"), path.stat()
        path.write_text(fault.planted(sound), encoding="utf-8")
        os.utime(path, (stood.st_atime, stood.st_mtime + _LATER_S))
        try:
            yield
        finally:
            path.write_text(sound, encoding="utf-8")
            os.utime(path, (stood.st_atime, stood.st_mtime))

    def load(self) -> None:
        """Load the product once, and take down what its functions run meanwhile: a fault there shows only when all is loaded anew."""
        sys.settrace(self._note)
        for top in TOPS:
            package = importlib.import_module(top)
            for one in pkgutil.walk_packages(package.__path__, f"{top}."):
                if not one.name.endswith("__main__"):
                    with contextlib.suppress(Exception):
                        importlib.import_module(one.name)
        sys.settrace(None)
        forget_own()

    def _note(self, frame: FrameType, _event: str, _: object) -> Any:
        code = frame.f_code
        if code.co_name != "<module>" and code.co_filename.startswith(str(self.folder)):
            path = code.co_filename.removeprefix(f"{self.folder}/")
            self.run_when_loaded |= {(path, line) for _, _, line in code.co_lines() if line}
        return None


def in_a_fork(what: Callable[[], int], seconds: float) -> int:
    """What a function returns in a process of its own, which tells nobody anything; -1 when it took too long.

    What it has started ends with it.
    """
    child = os.fork()
    if not child:
        _be(what)
    try:
        return _ended(child, seconds)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


def _ended(child: int, seconds: float) -> int:
    until, pause = time.monotonic() + seconds, 0.002
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
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


def forget_own() -> None:
    """What is ours is loaded anew by whoever needs it."""
    for name in [one for one in sys.modules if one.split(".")[0] in _OWN]:
        del sys.modules[name]
