"""The ``.env`` file, however it was saved."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from streams.config.text_file import read_text


def read(path: Path) -> dict[str, str]:
    """The variables of the file at ``path``; none when there is no such file. Raises ``ValueError`` for no text."""
    if not path.is_file():
        return {}
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(read_text(path))).items()}
