"""Holds a source to the contract and prints what was found."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from sources import Source, discover
from sources.check import DEMO_TITLES, Finding, check
from streams.cli.commands.common import finish
from streams.cli.commands.output import out, print_json
from streams.cli.exit_codes import Exit, Stop
from streams.config.values import check_sources
from streams.operations.source_trial import whole_requests
from streams.telemetry import logs


def run(name: str, folder: Path | None, titles: list[str], *, as_json: bool) -> Exit:
    """Exit 0 when every rule is kept. Raises `Stop` or `SettingsError`."""
    check_sources([name])
    if folder is not None and not folder.is_dir():
        raise Stop(f"{folder} is no folder", "give the folder with the replies", Exit.USAGE)
    findings = finish(_findings(discover()[name], folder, titles or list(DEMO_TITLES)))
    if as_json:
        print_json([{"rule": one.rule, "ok": one.ok, "detail": one.detail} for one in findings])
    else:
        _show(name, findings)
    return Exit.OK if all(one.ok for one in findings) else Exit.FAILED


async def _findings(cls: type[Source], folder: Path | None, titles: list[str]) -> list[Finding]:
    """The contract, then whole requests: a source may keep every rule and still have nothing that names a work."""
    logs.configure("ERROR", "auto")
    return [*await check(cls, folder=folder, titles=titles), *await whole_requests(cls, titles, folder)]


def _show(name: str, findings: list[Finding]) -> None:
    console = out()
    for one in findings:
        mark, style = ("✓", "green") if one.ok else ("✕", "red")
        detail = f"  {one.detail}" if one.detail else ""
        console.print(Text.assemble((f"{mark} {one.rule}", style), (detail, "dim")))
    broken = sum(not one.ok for one in findings)
    kept = len(findings) - broken
    console.print(f"\n{name}: {kept} of {len(findings)} kept" + (f", {broken} broken" if broken else ""))
