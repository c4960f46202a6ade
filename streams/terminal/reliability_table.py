"""What the fleet has learned of its sources, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.records.learned import Cell, Learned


def render(told: Learned) -> RenderableType:
    """A line a field, a column a source; what has changed and who copies whom below it."""
    heading = Text(f"table {told.version}", "dim")
    heading.append("; agreement with the others, how far it is believed, works", "dim")
    if not told.cells:
        return Group(
            heading, Text("nothing was counted yet: every site is believed as the policy file starts")
        )
    parts: list[RenderableType] = [heading, "", _table(told.cells)]
    parts += _notes("changed?", (cell.drift for cell in told.cells if cell.drift))
    parts += _notes("one voice", (_copy(*one.sources, one.field, one.share) for one in told.copies))
    return Group(*parts)


def _table(cells: list[Cell]) -> Table:
    sources = list(dict.fromkeys(cell.source for cell in cells))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("field", no_wrap=True)
    for source in sources:
        table.add_column(source, justify="right")
    for field in dict.fromkeys(cell.field for cell in cells):
        mine = {cell.source: cell for cell in cells if cell.field == field}
        table.add_row(Text(field, "bold"), *(_cell(mine.get(source)) for source in sources))
    return table


def _cell(cell: Cell | None) -> Text:
    if cell is None or cell.agreement is None:
        return Text("-", "dim")
    text = Text(f"{cell.agreement:.1%} ", "red" if cell.drift else "")
    text.append(f"{cell.weight:.3f} {cell.seen:.0f}", "dim")
    return text


def _copy(one: str, other: str, field: str, share: float) -> str:
    return f"{one} and {other}, {field}: {share:.0%} of what they agree on is one witness"


def _notes(heading: str, sentences: Iterable[str]) -> list[RenderableType]:
    found = [Text(f"  {sentence}") for sentence in sentences]
    return ["", Text(heading, "bold yellow"), *found] if found else []
