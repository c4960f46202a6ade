"""Prints, writes and compares the contract; needs no server."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import typer

from streams.cli.exit_codes import Exit, Stop
from streams.contract.compatibility import broken
from streams.contract.documents import (
    MODELS,
    Document,
    as_text,
    documents,
    folder_name,
    read_folder,
    schema_of,
)
from streams.text.nearest import nearest


def run(
    what: Literal["asyncapi", "openapi", "json"], model: str | None, output: Path | None, check: Path | None
) -> Exit:
    """Exit 1 when ``check`` finds a break. Raises `Stop` for a model that there is not, or a break to be written."""
    if check:
        return _check(check)
    if output:
        return _write(output / folder_name())
    if model:
        typer.echo(as_text(_one(model)), nl=False)
    elif what == "asyncapi":
        typer.echo(as_text(_streams()), nl=False)
    elif what == "openapi":
        typer.echo(as_text(_addresses()), nl=False)
    else:
        typer.echo(as_text({name: schema_of(name) for name in MODELS}), nl=False)
    return Exit.OK


def _streams() -> Document:
    from streams.service.description import described  # FastStream makes it, and is loaded for nothing else

    return described()


def _addresses() -> Document:
    from streams.doors.http.openapi import document

    return document()


def _one(model: str) -> dict[str, object]:
    if model not in MODELS:
        near = nearest(model, MODELS)
        hint = f"did you mean {near}?" if near else f"the models are {', '.join(MODELS)}"
        raise Stop(f"unknown model {model!r}", hint, Exit.USAGE)
    return schema_of(model)


def _check(folder: Path) -> Exit:
    if not folder.is_dir():
        raise Stop(f"{folder} is no folder", "make it: anime-enrich schema --output contracts", Exit.USAGE)
    faults = broken(read_folder(folder), documents(_streams(), _addresses()))
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise Stop(
            f"{len(faults)} breaking changes against {folder}",
            "keep the old field beside the new one, or raise the major SCHEMA_VERSION",
        )
    typer.echo(f"nothing breaks against {folder}")
    return Exit.OK


def _write(folder: Path) -> Exit:
    if folder.is_dir():
        _check(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents(_streams(), _addresses()).items():
        (folder / name).write_text(as_text(document), encoding="utf-8")
        typer.echo(folder / name)
    return Exit.OK
