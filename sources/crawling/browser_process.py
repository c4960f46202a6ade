"""A headless browser as a child process that cannot outlive its parent, and its DevTools address."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

_QUIET_FEATURES = (
    "OptimizationHints",
    "OptimizationGuideModelDownloading",
    "NetworkTimeServiceQuerying",
    "MediaRouter",
    "Translate",
    "AutofillServerCommunication",
)
FLAGS = (
    "--headless",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--metrics-recording-only",
    "--disable-domain-reliability",
    "--disable-breakpad",
    "--password-store=basic",
    "--use-mock-keychain",
    "--no-pings",
    "--disable-features=" + ",".join(_QUIET_FEATURES),
)
FULL_BROWSER_FLAGS = ("--gaia-url=http://127.0.0.1:9/", "--component-updater=url-source=http://127.0.0.1:9/")
"""A full Chromium asks its maker's hosts even with the flags above; the headless shell does not."""

_LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")
_PROFILE = "anime-enrich-browser-"
_PR_SET_PDEATHSIG = 1


class BrowserStartError(Exception):
    """The browser did not come up; the message is the last thing it said."""


class BrowserProcess:
    """One running browser; ``address`` is its DevTools websocket on loopback."""

    def __init__(self, process: asyncio.subprocess.Process, profile: Path) -> None:
        self.process = process
        self.address = ""
        self._profile = profile
        self._drain: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, binary: Path, *, sandbox: bool, extra: Sequence[str] = (), within: float = 30.0
    ) -> BrowserProcess:
        """Start ``binary`` on a free port with an empty profile. Raises `BrowserStartError`."""
        sweep_profiles()
        profile = Path(tempfile.mkdtemp(prefix=f"{_PROFILE}{os.getpid()}-"))
        try:
            process = await asyncio.create_subprocess_exec(
                str(binary),
                *_flags(binary, sandbox),
                *extra,
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                "about:blank",
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )
        except OSError as error:
            shutil.rmtree(profile, ignore_errors=True)
            raise BrowserStartError(f"{binary.name} cannot be started: {error}") from error
        browser = cls(process, profile)
        try:
            async with asyncio.timeout(within):
                await browser._read_address(process.stderr)
        except TimeoutError as error:
            await browser.stop()
            raise BrowserStartError(f"{binary.name} did not open its port in {within:.0f} s") from error
        except BaseException:
            await browser.stop()
            raise
        return browser

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.returncode is None

    async def stop(self) -> None:
        """End the browser and everything it started, and remove its profile."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):  # then it is killed
            await asyncio.wait_for(self.process.wait(), 3)
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        await self.process.wait()
        if self._drain:
            await asyncio.wait({self._drain}, timeout=2)
            self._drain.cancel()
        await asyncio.to_thread(shutil.rmtree, self._profile, ignore_errors=True)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it may end by itself at any moment
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, number)
            else:
                self.process.terminate()

    async def _read_address(self, stderr: asyncio.StreamReader | None) -> None:
        said = b""
        if stderr is None:
            raise BrowserStartError("the browser was started without a pipe for its words")
        async for line in stderr:
            if found := _LISTENING.search(line):
                self.address = found[1].decode()
                self._drain = asyncio.create_task(_drain(stderr))
                return
            said = line.strip() or said
        raise BrowserStartError(f"the browser ended at once: {said.decode(errors='replace')[:300]}")


def sweep_profiles() -> None:
    """Remove the profiles of browsers whose parent was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PROFILE}*"):
        owner = folder.name.removeprefix(_PROFILE).partition("-")[0]
        if owner.isdigit() and not _runs(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flags(binary: Path, sandbox: bool) -> list[str]:
    flags = [*FLAGS]
    if not sandbox:
        flags.append("--no-sandbox")
    if "headless" not in binary.name:
        flags.extend(FULL_BROWSER_FLAGS)
    return flags


def _die_with_parent() -> Callable[[], None] | None:
    """What the child runs before it becomes the browser: ask Linux to kill it when we are gone."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass
