"""Who comes in by the API, and how often. Tokens come in a header and never in an address; other sites' pages do not ask."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from cache.rules import Rate
from streams.config.tokens import Right, Token
from streams.doors.http.problems import Problem
from streams.doors.http.visits import Visit
from streams.serving.allowance import Allowance
from streams.serving.tokens import Keyring, TooManyGuesses

_LIKE_TOKENS = {"token", "access_token", "api_key", "apikey", "key", "authorization", "bearer", "secret"}
_FORWARDED = {"forwarded", "x-forwarded-for", "x-real-ip", "x-forwarded-host"}
_ASK = {"WWW-Authenticate": 'Bearer realm="anime-enrich"'}
_HOW = "send the header `Authorization: Bearer <secret>`"


class Entry:
    """Lets in who has the right.

    Args:
        tokens: everybody who is known.
        open_to_this_machine: whether reading needs no token from here.
        rates: how often one may ask who has none.
    """

    def __init__(self, tokens: Sequence[Token], rates: Sequence[Rate], *, open_to_this_machine: bool) -> None:
        self._keys = Keyring(tokens)
        self._rates = tuple(rates)
        self._open = open_to_this_machine
        self._allowance = Allowance()

    async def admit(self, visit: Visit, right: Right) -> None:
        """Return when the visitor may do that now. Raises `Problem`."""
        if shown := _LIKE_TOKENS & {name.lower() for name in visit.query}:
            raise Problem(
                "token-in-address", f"addresses are written into logs; leave {min(shown)} out and {_HOW}"
            )
        if _is_cross_site(visit):
            raise Problem("cross-site", "this is for programs; a page asks its own server")
        given = visit.headers.get("authorization")
        if given is None:
            self._without_token(visit, right)
            name, rates = "", self._rates
        else:
            token = await self._holder(given)
            if not token.may(right):
                raise Problem("not-allowed", f"{token.name} may {token.right}; this needs {right}")
            name, rates = token.name, token.rates
        if wait := self._allowance.wait(name, rates):
            raise Problem.later("too-often", "each token has its limit; see API_LIMIT and API_TOKENS", wait)

    async def _holder(self, given: str) -> Token:
        scheme, _, secret = given.partition(" ")
        try:
            found = await self._keys.holder(secret.strip()) if scheme.lower() == "bearer" else None
        except TooManyGuesses:
            raise Problem.later("too-often", "wrong tokens are answered one by one", 60) from None
        if found is None:
            raise Problem("wrong-token", f"{_HOW}; API_TOKENS names who is known", headers=_ASK)
        return found

    def _without_token(self, visit: Visit, right: Right) -> None:
        if not self._open or right != "read":
            raise Problem("no-token", f"{_HOW}; API_TOKENS names who is known", headers=_ASK)
        if not _is_this_machine(visit):
            raise Problem("not-from-here", f"set API_TOKENS, and {_HOW}")


def _is_this_machine(visit: Visit) -> bool:
    """Whether the visitor is on this machine, and nobody stands between who may speak for others."""
    try:
        return ip_address(visit.peer).is_loopback and not _FORWARDED & visit.headers.keys()
    except ValueError:
        return False


def _is_cross_site(visit: Visit) -> bool:
    """Whether a browser says that the page of another site asks."""
    if visit.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    origin = visit.headers.get("origin")
    return origin is not None and origin.lower().partition("://")[2] != visit.headers.get("host", "").lower()
