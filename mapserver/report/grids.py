"""Tables and frames in the HTML that cells give: read as data, so that nothing in them acts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

NUMBER = re.compile(r"[-+−]?(\d[\d,]*)?\.?\d+(e[-+]?\d+)?( ?[%‰]| (m|km|m²|km²|min))?", re.ASCII)
MISSING = {"nan", "None", "NaN", "<NA>", "NaT"}
DASH = "–"
FOR_PROGRAMS = {"geometry"}
"""Columns of a frame that say nothing to a reader."""


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
        What the table says above itself.
    """

    head: list[list[Cell]] = field(default_factory=list)
    body: list[list[Cell]] = field(default_factory=list)
    numeric: frozenset[int] = frozenset()
    caption: str = ""


class Reader(HTMLParser):
    """Reads the tables and frames out of HTML.

    Attributes
    ----------
    grids
        The tables, as they stand.
    frames
        The pages inside frames, as Folium gives a map.
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
        about = dict(attrs)
        if tag == "iframe" and about.get("srcdoc"):
            self.frames.append(str(about["srcdoc"]))
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
            spans = (_span(about.get("colspan")), _span(about.get("rowspan")))
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
        """Take the text of a cell."""
        if self._text is not None:
            self._text.append(data)

    @property
    def _rows(self) -> list[list[Cell]]:
        return self.grids[-1].head if self._in_head else self.grids[-1].body


def tidy(grid: Grid) -> Grid:
    """Make a frame's table one for readers: no row numbers, no geometry, one row of headings.

    Returns
    -------
    Grid
        A new one, which knows its columns of numbers. A table with cells over several rows or
        columns keeps its shape.
    """
    if any(cell.columns > 1 or cell.rows > 1 for row in [*grid.head, *grid.body] for cell in row):
        return grid
    head = _one_row(grid.head)
    width = {len(row) for row in [*head, *grid.body]}
    if len(head) != 1 or len(width) != 1:
        return replace(grid, head=head)
    columns = list(zip(*grid.body, strict=True)) if grid.body else [()] * width.pop()
    kept = [
        at
        for at, cell in enumerate(head[0])
        if cell.text not in FOR_PROGRAMS and not (at == 0 and _counts(cell, columns[0]))
    ]
    return Grid(
        [[head[0][at] for at in kept]],
        [[row[at] for at in kept] for row in grid.body],
        frozenset(n for n, at in enumerate(kept) if _is_numeric(columns[at])),
        grid.caption,
    )


def _one_row(head: list[list[Cell]]) -> list[list[Cell]]:
    """Join the row of column names and the row of index names, which pandas sets apart."""
    if len(head) != 2 or len(head[0]) != len(head[1]):
        return head
    first, second = head
    if any(a.text and b.text for a, b in zip(first, second, strict=True)):
        # The columns have a name of their own, which stands above the index's.
        return head
    return [[a if a.text else b for a, b in zip(first, second, strict=True)]]


def _counts(heading: Cell, column: tuple[Cell, ...]) -> bool:
    """Tell whether a column only counts the rows."""
    if heading.text or not all(cell.head for cell in column):
        return False
    texts = [cell.text for cell in column if cell.text != "..."]
    return all(text.isdecimal() for text in texts) and len(set(texts)) == len(texts)


def _is_numeric(column: tuple[Cell, ...]) -> bool:
    texts = [cell.text for cell in column if cell.text not in {"", DASH, "...", "-"}]
    return bool(texts) and all(NUMBER.fullmatch(text) for text in texts)


def _span(value: str | None) -> int:
    return min(int(value), 1000) if value and value.isdecimal() else 1
