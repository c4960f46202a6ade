"""Who may change something from the page: asked once for every door that changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from faststream.asgi import AsgiResponse

from streams.config.tokens import Token
from streams.serving.tokens import Keyring, TooManyGuesses
from streams.web.answers import Visit, data, sorry

Form = Mapping[str, list[str]]
_BEARER = "bearer "


class Gate:
    """Knows the tokens. No cookie opens it, so no other site can make a visitor's browser change anything."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.locked = not any(one.may("admin") for one in tokens)
        self._keys = Keyring(tokens)

    async def open(self, request: Visit) -> tuple[Form, AsgiResponse | None]:
        """The form that was sent, and ``None``, or why it is not heeded. The token is in the form, or a bearer's."""
        form = await request.form()
        if form is None:
            return {}, refused(request, "Too much", "Choose fewer at once.", 413)
        given = request.header("authorization")
        bearer = given[len(_BEARER) :] if given.lower().startswith(_BEARER) else ""
        try:
            who = await self._keys.holder(bearer or form.get("token", [""])[0])
        except TooManyGuesses:
            words = "Wrong tokens are read one by one. Try again in a minute."
            return form, refused(request, "Too many at once", words, 429)
        if who is None or not who.may("admin"):
            return form, refused(request, "Not allowed", "This needs the token that ADMIN_TOKEN holds.", 403)
        return form, None


def refused(request: Visit, title: str, words: str, status: int) -> AsgiResponse:
    """Why nothing was done, as a page or, for a script of ours, as data."""
    if request.wants_data:
        return data({"error": title, "message": words}, status)
    return sorry(title, words, status)
