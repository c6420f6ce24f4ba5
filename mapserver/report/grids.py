"""Read tables and frames from the HTML of outputs as data, so that nothing in them is executed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

NUMBER = re.compile(r"[-+−]?(\d[\d,]*)?\.?\d+(e[-+]?\d+)?( ?[%‰]| (m|km|m²|km²|min))?", re.ASCII)
MISSING = {"nan", "None", "NaN", "<NA>", "NaT"}
DASH = "–"
TECHNICAL_COLUMNS = {"geometry"}
"""Columns of a frame that mean nothing to readers."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    head: bool = False
    columns: int = 1
    rows: int = 1


@dataclass
class Grid:
    """A table as text.

    Attributes
    ----------
    head, body
        Rows of headings, and rows of cells.
    numeric
        Columns that hold numbers, counted from 0.
    caption
        The text above the table.
    """

    head: list[list[Cell]] = field(default_factory=list)
    body: list[list[Cell]] = field(default_factory=list)
    numeric: frozenset[int] = frozenset()
    caption: str = ""


class GridReader(HTMLParser):
    """A parser that reads tables and frames from HTML.

    Attributes
    ----------
    grids
        The tables, unchanged.
    frames
        The pages inside frames; Folium shows a map in one.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[Grid] = []
        self.frames: list[str] = []
        self._in_head = False
        self._text: list[str] | None = None
        self._cell = Cell("")
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a row or a cell."""
        attributes = dict(attrs)
        if tag == "iframe" and attributes.get("srcdoc"):
            self.frames.append(str(attributes["srcdoc"]))
        elif tag == "table":
            self.grids.append(Grid())
        elif not self.grids:
            return
        elif tag in {"thead", "tbody"}:
            self._in_head = tag == "thead"
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th", "caption"}:
            self._text = []
            spans = (_parse_span(attributes.get("colspan")), _parse_span(attributes.get("rowspan")))
            self._cell = Cell("", tag == "th", *spans)
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close a cell."""
        if tag not in {"td", "th", "caption"} or self._text is None:
            return
        text = "".join(self._text).strip()
        self._text = None
        if tag == "caption":
            self.grids[-1].caption = text
        elif self._rows:
            self._rows[-1].append(replace(self._cell, text=DASH if text in MISSING else text))

    def handle_data(self, data: str) -> None:
        """Collect the text of a cell."""
        if self._text is not None:
            self._text.append(data)

    @property
    def _rows(self) -> list[list[Cell]]:
        """The rows of that part of the last table that is being read."""
        return self.grids[-1].head if self._in_head else self.grids[-1].body


def tidy_grid(grid: Grid) -> Grid:
    """Convert the table of a frame for readers: no row numbers, no geometry, one row of headings.

    Returns
    -------
    Grid
        A new grid with its numeric columns. A table with cells over several rows or columns is
        returned unchanged.
    """
    if any(cell.columns > 1 or cell.rows > 1 for row in [*grid.head, *grid.body] for cell in row):
        return grid
    head = _join_heads(grid.head)
    widths = {len(row) for row in [*head, *grid.body]}
    if len(head) != 1 or len(widths) != 1:
        return replace(grid, head=head)
    columns = list(zip(*grid.body, strict=True)) if grid.body else [()] * widths.pop()
    # The first column is left out if it counts the rows, as a frame without ids has it.
    shown_columns = [
        position
        for position, cell in enumerate(head[0])
        if cell.text not in TECHNICAL_COLUMNS
        and not (position == 0 and _is_row_number(cell, columns[0]))
    ]
    # Numbers are aligned to the right; columns are counted anew without those left out.
    return Grid(
        [[head[0][position] for position in shown_columns]],
        [[row[position] for position in shown_columns] for row in grid.body],
        frozenset(n for n, position in enumerate(shown_columns) if _is_numeric(columns[position])),
        grid.caption,
    )


def _join_heads(head: list[list[Cell]]) -> list[list[Cell]]:
    """Join the row of column names and the row of index names, which pandas writes separately."""
    if len(head) != 2 or len(head[0]) != len(head[1]):
        return head
    column_names, index_names = head
    if any(a.text and b.text for a, b in zip(column_names, index_names, strict=True)):
        # The columns themselves have a name, in the same place as that of the index.
        return head
    return [[a if a.text else b for a, b in zip(column_names, index_names, strict=True)]]


def _is_row_number(heading: Cell, column: tuple[Cell, ...]) -> bool:
    """Return whether a column without a heading has only row numbers."""
    if heading.text or not all(cell.head for cell in column):
        return False
    texts = [cell.text for cell in column if cell.text != "..."]
    return all(text.isdecimal() for text in texts) and len(set(texts)) == len(texts)


def _is_numeric(column: tuple[Cell, ...]) -> bool:
    """Return whether all cells of a column that are not empty hold numbers."""
    texts = [cell.text for cell in column if cell.text not in {"", DASH, "...", "-"}]
    return bool(texts) and all(NUMBER.fullmatch(text) for text in texts)


def _parse_span(value: str | None) -> int:
    """Return the number of rows or columns of a cell, 1 unless the attribute is a number."""
    # HTML limits colspan to 1000; a larger number could fill the memory.
    return min(int(value), 1000) if value and value.isdecimal() else 1
