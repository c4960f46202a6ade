"""Where a browser may be found on this machine, and what to install when there is none."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

NEXT_STEP = (
    "install a browser with `python -m playwright install --only-shell chromium`"
    " or the distribution's package (`apt-get install chromium-headless-shell`)"
)
_ON_PATH = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
)
_USUAL_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_IN_PLAYWRIGHT = (
    "chromium_headless_shell-*/*/*headless*shell*",
    "chromium-*/*/chrome",
    "chromium-*/*/chrome.exe",
    "chromium-*/*/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser(explicit: str | None = None) -> Path | None:
    """The browser to start: the named one, else Playwright's, one on PATH, or one in its usual place.

    A named one that does not exist is not replaced by another: the answer is then ``None``.
    """
    if explicit:
        named = shutil.which(explicit)
        return _behind_wrapper(Path(named)) if named else None
    found = next(_candidates(), None)
    return _behind_wrapper(found) if found else None


def _behind_wrapper(path: Path) -> Path:
    """The program that a script starts as its child: signals and the death of the parent would only reach the script."""
    with path.open("rb") as file:
        text = file.read(4096)
    if text.startswith(b"#!") and b"exec" not in text:
        for line in text.decode(errors="replace").splitlines():
            program = line.partition(" ")[0]
            if program.startswith("/") and os.access(program, os.X_OK):
                return Path(program)
    return path


def _candidates() -> Iterator[Path]:
    for pattern in _IN_PLAYWRIGHT:
        yield from sorted(_playwright_folder().glob(pattern), key=_revision, reverse=True)
    yield from (Path(found) for name in _ON_PATH if (found := shutil.which(name)))
    yield from (Path(place) for place in _USUAL_PLACES if Path(place).is_file())


def _playwright_folder() -> Path:
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "").strip("0"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/ms-playwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ms-playwright"


def _revision(path: Path) -> int:
    found = re.search(r"-(\d+)", str(path))
    return int(found[1]) if found else 0
