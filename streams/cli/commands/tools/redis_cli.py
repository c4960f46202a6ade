"""With which options ``redis-cli`` reaches the server that the other commands use."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import typer

from streams.broker.connection import read_sentinel
from streams.broker.embedded import EmbeddedServer
from streams.cli.exit_codes import Exit, Stop
from streams.config.settings import Settings


def run() -> Exit:
    """Print them on one line; a password is never among them. Raises `Stop` for an address of Sentinels."""
    settings = Settings.load()
    given = settings.redis_url
    url = given.get_secret_value() if given else EmbeddedServer(settings.data_dir).url
    typer.echo(" ".join(options(url)))
    if urlsplit(url).password:
        typer.echo("the password is left out: put it into REDISCLI_AUTH", err=True)
    return Exit.OK


def options(url: str) -> list[str]:
    """The options for ``url``."""
    if read_sentinel(url):
        raise Stop(
            "redis-cli speaks to one server and asks no Sentinel",
            "ask one where the master is: redis-cli -p 26379 SENTINEL GET-MASTER-ADDR-BY-NAME NAME",
            Exit.USAGE,
        )
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return ["-s", unquote(parts.path)]
    words = ["-h", parts.hostname or "localhost", "-p", str(parts.port or 6379)]
    words += ["-n", parts.path.strip("/")] if parts.path.strip("/") else []
    words += ["--user", unquote(parts.username)] if parts.username else []
    return [*words, "--tls"] if parts.scheme == "rediss" else words
