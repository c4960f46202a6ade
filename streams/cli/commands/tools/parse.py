"""Reads one raw reply of a source from a file; needs no server."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

import typer

from sources import discover
from sources.discovery import parser_of
from sources.errors import NotAnEntry
from streams.cli.exit_codes import Exit, Stop
from streams.config.text_file import as_text
from streams.text.nearest import nearest


def run(source: str, file: Path, url: str) -> Exit:
    """Print the record in ``file``. Raises `Stop` for a source that there is not and for a reply that is no entry."""
    if source not in discover():
        near = nearest(source, discover())
        hint = f"did you mean {near}?" if near else f"the sources are {', '.join(discover())}"
        raise Stop(f"unknown source {source!r}", hint, Exit.USAGE)
    body = _in_utf8(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    try:
        record = parser_of(discover()[source])(body, url=url)
    except NotAnEntry as error:
        said = f": {error}" if str(error) != error.reason else ""
        raise Stop(f"no entry ({error.reason}){said}", _NEXT.get(error.reason, ""), Exit.NOT_FOUND) from None
    typer.echo(record.model_dump_json(indent=2, exclude_none=True))
    return Exit.OK


def _in_utf8(body: bytes) -> bytes:
    """A reply that a shell or an editor has saved as UTF-16 in the encoding that the site sent it in."""
    return as_text(body).encode() if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else body


_NEXT = {
    "banned": "wait; the site asks nobody to try again soon",
    "challenge": "the page must be read with a browser",
    "not_found": "check the id that was asked for",
    "changed_layout": "the site has changed; its parser must follow",
    "error": "ask the site again",
}
