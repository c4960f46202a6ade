"""The command line: ``anime-enrich``. Command signatures stand beside this file, what they do in ``commands/``.

Nothing heavy is imported here or there: the help, and a word that is misspelt, are answered at once.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Annotated

import typer

from streams.cli import bridges, cache, decide, enrich, fleet, limits, look, repair, tools
from streams.cli.called import NAME, called
from streams.cli.exit_codes import Exit
from streams.cli.options import OBJECTS_BETWEEN_COLLECTIONS, examples, new_app

OWN_OPTIONS = {"-h", "--help", "--version", "--install-completion", "--show-completion"}
COMPLETE = "_ANIME_ENRICH_COMPLETE"
LISTS = {"--skip", "--only", "--sources", "--stages"}
_LISTED = re.compile(r"[a-z0-9_,]+")

app = new_app(
    name="anime-enrich",
    help="Turns the bare title of an anime into one merged record that shows who said what.",
    epilog=examples(
        'anime-enrich "Cowboy Bebop"                     the record, from the real sites',
        'anime-enrich --title "Cowboy Bebop" --offline   the same without internet',
        "anime-enrich up                                 run the service",
        'anime-enrich publish "One Piece" "K-On!"        put titles in',
        "anime-enrich doctor                             what is missing, and the next step",
    )
    + "\n\nExit codes: 0 done, 1 failed, 2 wrong usage or setting, 3 not found or no entry, 4 ambiguous, 130 interrupted.",
)
for part in (enrich, fleet, look, decide, limits, bridges, repair, cache, tools):
    app.add_typer(part.app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"anime-enrich {version('anime-enrich')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Without a command, the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(Exit.USAGE)


def with_command(words: Sequence[str]) -> list[str]:
    """``--title X`` and ``X`` without a command are the main job."""
    first = words[0] if words else ""
    option = first.startswith("-") and first.partition("=")[0] not in OWN_OPTIONS
    return ["enrich", *words] if option or _is_title(first) else list(words)


def _is_title(word: str) -> bool:
    """Whether ``word`` is neither a command nor, in small letters, nearly one."""
    names = _commands(app)
    if not word or word.startswith("-") or word in names:
        return False
    if not _LISTED.fullmatch(word.replace("-", "_")):
        return True
    from streams.text.nearest import nearest

    return nearest(word, names) is None


def _commands(group: typer.Typer) -> set[str]:
    own = {
        one.name or one.callback.__name__.replace("_", "-")
        for one in group.registered_commands
        if one.callback
    }
    for part in group.registered_groups:
        named = isinstance(part.name, str)
        own |= {str(part.name)} if named or part.typer_instance is None else _commands(part.typer_instance)
    return own


def spread_lists(words: Sequence[str]) -> list[str]:
    """``--skip a b`` as ``--skip a --skip b``, the way the old command line took it."""
    out: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        listed = list(takewhile(_LISTED.fullmatch, rest)) if word in LISTS else []
        del rest[: len(listed)]
        names = [name for part in listed for name in part.split(",") if name]
        out += [part for name in names for part in (word, name)] or [word]
    return out


def guarded(command: Callable[[], None]) -> int:
    """Run a command; a user's mistake or a missing server ends in a sentence, not in a traceback."""
    try:
        command()
    except Exception as error:
        from streams.cli.errors import complain

        code = complain(error)
        if code is None:
            raise
        return code
    return Exit.OK


def _name(words: Sequence[str]) -> str:
    """What the usage line calls us; a completion is for the installed command."""
    completing = COMPLETE in os.environ or any("-completion" in word for word in words)
    return NAME if completing else called()


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    if (
        arguments is None
    ):  # a process of our own: what is imported stays, and need not be walked over again and again
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    words = spread_lists(with_command(sys.argv[1:] if arguments is None else arguments))
    sys.exit(guarded(lambda: app(args=words, prog_name=_name(words), complete_var=COMPLETE)))
