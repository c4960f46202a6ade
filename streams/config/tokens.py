"""Tokens as the settings name them: who, with which right, known by the hash of a secret, how often."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from pydantic import SecretStr

from cache.rules import Rate
from streams.config.values import SettingsError, read_limits

Right = Literal["read", "publish", "admin"]
RIGHTS: tuple[Right, ...] = get_args(Right)
"""Each includes those before it."""
SHORTEST = 16
"""Characters of a secret; over the network nobody tries so many."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_SECRET = re.compile(r"[A-Za-z0-9_.~+/=-]+")
_HOW = "write name:right:secret, or name:right:secret:50/1, separated by commas"


@dataclass(frozen=True, slots=True)
class Token:
    """Who may do what, and how often; of the secret only its hash is kept."""

    name: str
    right: Right
    digest: bytes = field(repr=False)
    rates: tuple[Rate, ...] = ()

    def may(self, right: Right) -> bool:
        """Whether that right is among those of this token."""
        return RIGHTS.index(right) <= RIGHTS.index(self.right)


def digest_of(secret: str) -> bytes:
    """The hash by which a secret is known; of one length, so that comparing it takes one time."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def read_tokens(variable: str, text: str, usual: tuple[Rate, ...]) -> tuple[Token, ...]:
    """Tokens from ``shop:read:<secret>,bot:publish:<secret>:600/60``. Raises `SettingsError`, which shows no secret."""
    found = tuple(_token(variable, part.strip(), usual) for part in text.split(",") if part.strip())
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(f"{variable}: {twice[0]} stands there twice; give each its own name")
    return found


def _token(variable: str, part: str, usual: tuple[Rate, ...]) -> Token:
    """One token; what is in the wrong place may be the secret, so nothing but a sound name is ever shown."""
    name, right, secret, limit = (*part.split(":", 3), "", "", "")[:4]
    if not _NAME.fullmatch(name) or right not in RIGHTS:
        raise SettingsError(f"{variable}: a token has no name or no right ({', '.join(RIGHTS)}); {_HOW}")
    if len(secret) < SHORTEST or not _SECRET.fullmatch(secret):
        raise SettingsError(
            f"{variable}: the secret of {name} needs {SHORTEST} letters or digits; `openssl rand -hex 24` makes one"
        )
    try:
        rates = read_limits(variable, limit) if limit else usual
    except SettingsError:
        raise SettingsError(f"{variable}: the limit of {name} is none; {_HOW}") from None
    return Token(name, right, digest_of(secret), rates or usual)


def tokens_of(given: SecretStr | None, admin: SecretStr | None, limit: str) -> tuple[Token, ...]:
    """Everybody whom ``API_TOKENS`` and ``ADMIN_TOKEN`` name. Raises `SettingsError`."""
    usual = read_limits("API_LIMIT", limit)
    if not usual:
        raise SettingsError("API_LIMIT: a door needs a limit, such as 50/1")
    found = read_tokens("API_TOKENS", given.get_secret_value(), usual) if given else ()
    if admin is None:
        return found
    return (*found, Token("ADMIN_TOKEN", "admin", digest_of(admin.get_secret_value()), usual))
