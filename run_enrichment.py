#!/usr/bin/env python3
"""Sets everything up inside this folder and runs ``anime-enrich`` with the arguments given.

Needs Python 3.9 or later with pip, or uv. Uses uv when it is there, otherwise fetches it into ``.tools``.
Outside this folder are only uv's cache of packages and, once something is asked, the data folder (``DATA_DIR``).
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE / ".tools"


def uv() -> str:
    """Path of uv; fetched into this folder when the machine has none."""
    fetched = TOOLS / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    found = shutil.which("uv") or (str(fetched) if fetched.exists() else None)
    return found or fetch_uv(fetched)


def fetch_uv(fetched: Path) -> str:
    """Install uv beside the project; --target leaves the system's Python alone, as Debian wants it."""
    check_writable(HERE)
    print("fetching uv into", TOOLS, file=sys.stderr)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    quiet = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    done = subprocess.run([*command, "--target", str(TOOLS), "uv"], check=False, env=quiet)
    if done.returncode or not fetched.exists():
        sys.exit("uv could not be fetched: this needs pip (Debian: apt install python3-pip) or uv itself")
    return str(fetched)


def check_writable(folder: Path) -> None:
    """End with a sentence where nothing can be set up."""
    if not os.access(folder, os.W_OK):
        sys.exit(
            f"{folder} cannot be written to by you, and everything is set up inside it: "
            f"copy it to a folder of yours, as with: cp -r {shlex.quote(str(folder))} ~/"
        )


def prepare() -> None:
    """On the first run say what is set up, and where else something will lie."""
    packages = Path(environment()["UV_PROJECT_ENVIRONMENT"])
    if packages.exists():
        return
    check_writable(packages.parent)
    print(
        f"setting up {packages} once; outside it, uv keeps downloads in its cache (UV_CACHE_DIR), "
        "and the program its data in ~/.local/state/anime-enrich (DATA_DIR)",
        file=sys.stderr,
    )


def environment() -> dict:
    """The environment for uv: this folder's own, never another that is active; the system's certificates."""
    own = {"UV_PROJECT_ENVIRONMENT": str(HERE / ".venv"), "UV_NATIVE_TLS": "true", "UV_SYSTEM_CERTS": "true"}
    return {**own, **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}}


def run(*words: str) -> int:
    """Run a command inside the project's environment, exactly as the lock file has it."""
    prepare()
    return subprocess.call(
        [uv(), "run", "--quiet", "--frozen", "--project", str(HERE), *words], env=environment()
    )


def typed() -> str:
    """The words by which this was started; hints repeat them."""
    return shlex.join([Path(sys.executable).name, sys.argv[0]])


if __name__ == "__main__":
    os.environ["STARTED_AS"] = typed()
    try:
        sys.exit(run("--inexact", "anime-enrich", *sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
