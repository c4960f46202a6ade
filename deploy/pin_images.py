#!/usr/bin/env python3
"""Writes the digest of every image that is fetched into the files that name it, so that what runs is what was looked at.

    python deploy/pin_images.py

Asks the registries through ``docker buildx imagetools``; an image keeps its tag for the reader and gets ``@sha256:...``
behind it. Run it again for newer ones. Where one registry does not answer, nothing is written at all.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("Dockerfile", "docker-compose.yml", "deploy/kubernetes/redis.yaml")
OWN = "anime-enrich"
"""Built here, in no registry."""

_NAMED = re.compile(r"(?m)^(\s*(?:FROM|image:)\s+)([a-z0-9./_-]+:[\w.-]+)(?:@sha256:[0-9a-f]{64})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def images(content: str) -> list[str]:
    """The images that ``content`` names, without their digests."""
    return sorted({found[2] for found in _NAMED.finditer(content)} - {f"{OWN}:worker", f"{OWN}:crawler"})


def pinned(content: str, digests: dict[str, str]) -> str:
    """``content`` with the digest behind each image that has one."""

    def behind(found: re.Match[str]) -> str:
        return found[1] + found[2] + (f"@{digests[found[2]]}" if found[2] in digests else "")

    return _NAMED.sub(behind, content)


def read_digest(image: str) -> str:
    """The digest of ``image`` over all platforms, as its registry tells it. Raises ``RuntimeError`` with the cause."""
    command = ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a name out of our own files
    said = done.stdout.strip()
    if done.returncode or not _DIGEST.fullmatch(said):
        raise RuntimeError(f"{image}: {done.stderr.strip() or said or 'no digest'}")
    return said


def pin(root: Path, read: Callable[[str], str]) -> dict[str, str]:
    """Write the digests into the files under ``root``, after all were read; returns them by image."""
    contents = {root / name: (root / name).read_text(encoding="utf-8") for name in FILES}
    digests = {
        image: read(image) for image in sorted({one for text in contents.values() for one in images(text)})
    }
    for path, content in contents.items():
        path.write_text(pinned(content, digests), encoding="utf-8")
    return digests


if __name__ == "__main__":
    try:
        for name, digest in pin(ROOT, read_digest).items():
            sys.stdout.write(f"{name} {digest}\n")
    except (OSError, RuntimeError) as error:
        sys.exit(f"nothing was written: {error}; this needs docker with buildx, and the registries")
