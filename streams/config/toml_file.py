"""A TOML file of the user, and errors that name the line and the nearest known name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.config.text_file import read_text
from streams.contract.validation_text import why
from streams.text.nearest import nearest


class PolicyError(ValueError):
    """A policy file that cannot be used; the message names file and line, and the nearest known name."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy file as text and as data, to find the line that a complaint is about."""

    name: str
    text: str
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> PolicyFile:
        """The file at ``path``. Raises `PolicyError` when it cannot be read or is no TOML."""
        try:
            text = read_text(path)
            return cls(path.name, text, tomllib.loads(text))
        except OSError as error:
            raise PolicyError(f"{path}: cannot be read: {why(error)}") from error
        except UnicodeDecodeError as error:
            raise PolicyError(f"{path}: cannot be read: no UTF-8 text ({error.reason})") from error
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"{path.name}: no TOML: {error}") from error
        except ValueError as error:
            raise PolicyError(f"{path}: cannot be read: {error}") from error

    def error(self, message: str, *words: str) -> PolicyError:
        """An error at the line where ``words`` stand, each looked for after the one before."""
        return PolicyError(f"{self.name}, line {self._line(words)}: {message}")

    def unknown(self, what: str, name: str, known: Iterable[str], *words: str) -> PolicyError:
        """An error about a name that does not exist, with the nearest that does."""
        near = nearest(name, known)
        hint = f", did you mean {near!r}?" if near else ""
        return self.error(f"{what} {name!r}{hint}", *words, name)

    def _line(self, words: tuple[str, ...]) -> int:
        at, lines = 0, self.text.splitlines()
        for word in words:
            form = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
            found = (i for i in range(at, len(lines)) if form.search(lines[i].partition("#")[0]))
            at = next(found, at)
        return at + 1
