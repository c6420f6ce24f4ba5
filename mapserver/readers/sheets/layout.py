"""Layout of a sheet: which rows are titles, header, data, totals and notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from mapserver.readers.sheets.cells import Cell, parse_number, write_cell
from mapserver.readers.sheets.coordinates import GRID, LONLAT, OTHER_NAMES, find_coordinate_columns
from mapserver.readers.sheets.workbook import Range
from mapserver.settings import limits
from mapserver.text.header_row import Synonyms, find_header_row, match_columns

KNOWN: Synonyms = dict.fromkeys(
    [*(name for pair in (*LONLAT, *GRID) for name in pair if len(name) > 1), *OTHER_NAMES], ()
)
"""Single letters are left out: ``Y`` and ``N`` are what cells say."""

AVERAGE = re.compile(r"(평균|average|mean|平均|durchschnitt)")
TOTAL = re.compile(
    r"총?합계|총계|소계|중계|계|누계|총|합|전체합계|total|subtotal|grandtotal|sum|totals"
    r"|合計|小計|総計|總計|合计|小计|总计|gesamt|summe|итого|всего|totale"
    r"|.+(소계|합계|총계|小計|合計|小计|合计|subtotal)"
    rf"|{AVERAGE.pattern}"
    r"|총\d+(개소|개|건|곳|명|점포|업소|필지|개점)?"
)
"""A sum, also one of a part, a mean, or a count."""
IN_TOTALS = re.compile(r"[계합총균計计合均a-zа-я]", re.IGNORECASE)
"""Each of these texts has one of these letters, and hardly a Korean name has."""
# One sign at a time: a run of them would take the bracket along, and leave what is in it.
REMARKS = re.compile(r"\([^)]*\)|[\W_]")
UNITS = re.compile(r"\s*[(\[（].{1,8}[)\]）]\s*")
"""A cell of a row of units below the header: ``(㎡)``."""
NOTE = re.compile(
    r"\s*([※★☆*＊#]|\(?(주|주석|참고|비고|출처|자료|자료출처|작성|작성일|작성자|작성일자|제공|제공기관|문의처|출력일|출력일시|조사일|조사자|기준|기준일|문의|담당|담당자|단위)\s*[:：)]"
    r"|(주|참고)\s*\d?\s*\)|(source|note|notes|remark|last updated|as of)\s*[:：.])",
    re.IGNORECASE,
)
LABEL_COLUMNS = 3
NOTE_LENGTH, TOTAL_LENGTH = 30, 40
SEARCHED_ROWS = limits.SEARCHED_HEADER_ROWS + 10


@dataclass(frozen=True)
class Layout:
    """What the rows of a sheet are, by their position among those that hold something.

    Attributes
    ----------
    header
        The rows that name the columns, from top to bottom: one, or several under each other.
    titles
        Rows above the header.
    names
        For each column its name; empty for one that has none.
    data, totals, notes, repeats
        Rows below the header: features, sums of others, remarks, and the header once more.
    """

    header: list[int]
    titles: list[int]
    names: list[str]
    data: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)


def find_layout(
    rows: Sequence[Sequence[Cell]],
    merged: Sequence[Range] = (),
    numbers: Sequence[int] | None = None,
    header_row: int | None = None,
) -> Layout:
    """Find out which rows of a sheet are what.

    The header is the first row that names columns of coordinates, or else the one that names most
    of the known columns, or else the first one that looks
    like one: filled, all texts, all different, with rows of the same width below. Rows above it
    belong to it where cells are merged with it or where it has gaps that they fill.

    Parameters
    ----------
    rows
        The cells of each row that holds something.
    merged
        Merged cells, by row and column of the sheet, counted from 0.
    numbers
        The number of each row in the sheet, counted from 1; 1, 2, 3, ... when None.
    header_row
        The number of the header's last row, if somebody said it.

    Examples
    --------
    >>> layout = find_layout([["현황"], ["상호명", "경도"], ["가", 126.8], ["합계", None]])
    >>> layout.header, layout.titles, layout.data, layout.totals
    ([1], [0], [2], [3])
    """
    numbers = list(numbers or range(1, len(rows) + 1))
    header_rows = sum(number < (header_row or 0) for number in numbers)
    # Only as many rows as a header may need: a sheet may have a hundred thousand.
    texts = [[write_cell(cell) for cell in row] for row in rows[: header_rows + SEARCHED_ROWS]]
    bottom = _find_bottom(texts, rows, numbers, header_row)
    spans = [_shift_span(span, numbers) for span in merged]
    shifted_spans = [span for span in spans if span is not None]
    top = _find_top(texts, bottom, shifted_spans)
    names = _join_names(texts, top, bottom, shifted_spans)
    # Everything above the header is a title; the rows below are sorted one by one.
    layout = Layout(list(range(top, bottom + 1)), list(range(top)), names)
    headers = [{text for text in texts[position] if text} for position in layout.header]
    heading_texts = frozenset[str]().union(*headers)
    for position in range(bottom + 1, len(rows)):
        _classify_row(layout, position, rows[position], headers, heading_texts)
    return layout


def _find_bottom(
    texts: list[list[str | None]],
    rows: Sequence[Sequence[Cell]],
    numbers: list[int],
    header_row: int | None,
) -> int:
    if header_row is not None:
        candidates = [position for position, number in enumerate(numbers) if number >= header_row]
        return candidates[0] if candidates else 0
    # The strongest evidence first: a row that names a pair of coordinates is a header.
    for position, row in enumerate(texts[: limits.SEARCHED_HEADER_ROWS]):
        if find_coordinate_columns(filter(None, row), prefer_grid=False) is not None:
            return position
    best = find_header_row(texts, KNOWN)
    # One known word may be a title by chance; two in one row are not.
    if best is not None and len(set(match_columns(texts[best], KNOWN)) - {None}) >= 2:
        return best
    return _find_by_structure(texts, rows)


def _find_by_structure(texts: list[list[str | None]], rows: Sequence[Sequence[Cell]]) -> int:
    """Find the first row of different texts that is as wide as the rows below it."""
    counts = [len(row) - row.count(None) for row in rows]
    # The most frequent number of filled cells below the first row is the width of the table.
    width = Counter(counts[1:] or counts).most_common(1)[0][0] if counts else 0
    for position, row in enumerate(texts[: limits.SEARCHED_HEADER_ROWS]):
        filled = [text for text in row if text is not None]
        are_texts = all(
            isinstance(cell, str) and parse_number(cell) != parse_number(cell)  # NaN: no number
            for cell in rows[position]
            if cell is not None
        )
        # A header has no number, no name twice, and fills at least 70 % of the width.
        if are_texts and len(set(filled)) == len(filled) >= max(2, 0.7 * width):
            return position
    return 0


def _shift_span(span: Range, numbers: list[int]) -> Range | None:
    """Turn rows of the sheet into positions among those that hold something."""
    (top, first_column), (bottom, last_column) = span
    positions = [position for position, number in enumerate(numbers) if top < number <= bottom + 1]
    return ((positions[0], first_column), (positions[-1], last_column)) if positions else None


def _find_top(texts: list[list[str | None]], bottom: int, merged: list[Range]) -> int:
    """Find the first row of a header of several rows."""
    top = bottom
    # Upwards from the last row of the header, as groups of columns stand above their members.
    for candidate in range(bottom - 1, max(bottom - limits.MAX_HEADER_ROWS, -1), -1):
        if _is_upper_header_row(texts, candidate, top, bottom, merged):
            top = candidate
    return top


def _is_upper_header_row(
    texts: list[list[str | None]], candidate: int, top: int, bottom: int, merged: list[Range]
) -> bool:
    """Return whether a row above a header belongs to it: by merged cells, or as it fills gaps."""
    filled = [column for column, text in enumerate(texts[candidate]) if text is not None]
    width = sum(text is not None for text in texts[bottom])
    for (first_row, first_column), (last_row, last_column) in merged:
        if first_row == candidate and last_row > first_row:
            return True  # a cell reaches from the row above into the header
        if (
            first_row == candidate
            and last_column > first_column
            and len(filled) > 1
            and last_column - first_column + 1 < width
        ):
            return True  # a group of columns
    lower = texts[candidate + 1 : bottom + 1]
    # Columns that only the upper row names: a name in one cell for two rows, with the lower left
    # empty.
    gaps = [c for c in filled if not any(c < len(row) and row[c] is not None for row in lower)]
    is_group = len(filled) > 1 or bool(gaps and filled[0] > 0)
    # Names that occur twice in the lower row need the group above to be told apart.
    doubled = max(Counter(text for text in texts[top] if text).values(), default=0) > 1
    return is_group and (_fills_gaps(texts, gaps, bottom) or doubled)


def _fills_gaps(texts: list[list[str | None]], gaps: list[int], bottom: int) -> bool:
    """Return whether there is data in one of the columns that the lower row leaves unnamed."""
    below = texts[bottom + 1 : bottom + 6]
    return any(column < len(row) and row[column] is not None for row in below for column in gaps)


def _join_names(
    texts: list[list[str | None]], top: int, bottom: int, merged: list[Range]
) -> list[str]:
    """Join the names of a header of several rows: ``위치`` above ``경도`` is ``위치 경도``."""
    # Rows end at their last filled cell, so all are extended to the widest.
    width = max(len(row) for row in texts[top:])
    levels = []
    for position in range(top, bottom + 1):
        row = [*texts[position], *[None] * (width - len(texts[position]))]
        if position < bottom:
            row = _spread_names(row, position, merged, texts[bottom])
        levels.append(row)
    names = []
    for column in range(width):
        words = [" ".join(word.split()) for level in levels if (word := level[column])]
        # A cell merged over two rows would otherwise be named twice, as 위치 위치.
        names.append(" ".join(dict.fromkeys(words)))
    return names


def _spread_names(
    row: list[str | None], position: int, merged: list[Range], lowest: list[str | None]
) -> list[str | None]:
    """Write the name of a group over each of its columns."""
    spread = list(row)
    spans = [
        (first_column, last_column)
        for (top, first_column), (_, last_column) in merged
        if top == position and last_column > first_column
    ]
    for first_column, last_column in spans:
        spread[first_column : last_column + 1] = [row[first_column]] * (
            min(last_column + 1, len(row)) - first_column
        )
    if merged:
        return spread
    # Without merged cells a group reaches from its name to the next, as far as the row below names
    # columns.
    current = None
    for column, text in enumerate(row):
        current = text or current
        is_named_below = column < len(lowest) and lowest[column] is not None
        has_own = text is not None and not is_named_below
        spread[column] = text if has_own else (current if is_named_below else None)
        current = None if has_own else current
    return spread


def _classify_row(
    layout: Layout,
    position: int,
    row: Sequence[Cell],
    headers: list[set[str]],
    heading_texts: frozenset[str],
) -> None:
    """Sort one row below the header into data, totals, notes or repeated headers."""
    count = len(row) - row.count(None)
    first_cell = next((cell for cell in row if cell is not None), None)
    is_short = len(row) < len(layout.names)
    # The cheap comparison of one cell decides nearly always; only then all texts are compared.
    if count > 1 and first_cell in heading_texts and _list_texts(row) in headers:
        layout.repeats.append(position)
    elif (
        isinstance(first_cell, str)
        and (
            (count == 1 and is_note(first_cell, at_left=row[0] is not None))
            or (is_short and NOTE.match(first_cell))
        )
    ) or (position == layout.header[-1] + 1 and _are_units(row)):
        layout.notes.append(position)
    elif any(isinstance(cell, str) and is_total(cell) for cell in row[:LABEL_COLUMNS]):
        layout.totals.append(position)
    else:
        layout.data.append(position)


def _are_units(row: Sequence[Cell]) -> bool:
    """Check whether all that a row says are units in brackets."""
    cells = [cell for cell in row if cell is not None]
    return len(cells) > 1 and all(isinstance(c, str) and UNITS.fullmatch(c) for c in cells)


def _list_texts(row: Sequence[Cell]) -> set[str]:
    return {text for cell in row if (text := write_cell(cell)) is not None}


def is_note(text: str, *, at_left: bool) -> bool:
    """Return whether the only text of a row is a remark: it begins as one, or is long."""
    return NOTE.match(text) is not None or (at_left and len(text) >= NOTE_LENGTH)


def is_total(text: str) -> bool:
    """Return whether a text says that its row sums up others.

    Examples
    --------
    >>> is_total("합 계"), is_total("풍암동 소계"), is_total("Sub-total:"), is_total("합계상회")
    (True, True, True, False)
    """
    if len(text) > TOTAL_LENGTH or not IN_TOTALS.search(text):
        return False
    # Remarks in brackets, blanks and signs do not count: 합 계 (2024) is 합계.
    return TOTAL.fullmatch(REMARKS.sub("", text.casefold())) is not None
