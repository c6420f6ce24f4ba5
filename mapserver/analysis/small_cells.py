"""Counts of people so small that they are not published, and what else is left out for them.

A count from 1 to ``k - 1`` is hidden. Whoever knows the sum of a line could compute it from the
others, so a second count of the line is hidden beside it: one so large that the small count could
be any from 1 to ``k - 1`` without the large one becoming small itself. Zero stays zero.

That a hidden count stays unknown is shown by messages that could have been others': had some
messages of the second cell been of the first, all that is published would be the same. The
functions here hide cells only where there are such messages, and else leave out the whole line.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from mapserver.model import Hidden

Counts = npt.NDArray[np.int64]
Marks = npt.NDArray[np.str_]


def hide_in_line(counts: Counts, k: int, preferred: Collection[int] = ()) -> Marks:
    """Choose what is hidden of counts whose sum is published.

    Parameters
    ----------
    counts
        From 0.
    k
        The smallest count that is published.
    preferred
        Positions that are hidden beside these where that helps: those of other months.

    Returns
    -------
    array of str
        A ``Hidden`` for each count. All are withheld where no count is large enough to hide the
        small ones, and so they are where the sum itself is small.

    Examples
    --------
    >>> hide_in_line(np.array([20, 3, 0, 9, 30]), 5).tolist()
    ['', 'small', '', 'partner', '']
    """
    marks = np.full(len(counts), Hidden.SHOWN, dtype="<U8")
    is_small = (counts > 0) & (counts < k)
    if not is_small.any():
        return marks
    # A count of 1 may have to be k - 1, which takes k - 2 from the partner; k of it must be left.
    partners = np.flatnonzero(counts >= 2 * k - 2)
    if not partners.size:
        marks[:] = Hidden.WITHHELD
        return marks
    marks[is_small] = Hidden.SMALL
    smallest = min(partners, key=lambda row: (row not in preferred, counts[row], row))
    marks[smallest] = Hidden.PARTNER
    return marks


def hide_in_table(counts: Counts, k: int, rows: Collection[int], columns: Collection[int]) -> Marks:
    """Choose what is hidden of a table whose lines have published sums, by month or in all.

    Parameters
    ----------
    counts
        Of shape (rows, columns, months): messages by neighbourhood, category and month. Their sums
        over the months are the table.
    k
        The smallest count that is published.
    rows, columns
        Lines of which a count of some month is hidden: they are withheld, since the year less the
        other months would reveal it.

    Returns
    -------
    array of str
        A ``Hidden`` for each cell of the table. All are withheld where it cannot be protected.

    Notes
    -----
    A small cell is hidden with three others at the corners of a rectangle: if a message of the
    first row were of the second, and in the same month one of the second row were of the first,
    every published number would be the same. Corners are chosen so that the small count could be
    any from 1 to k - 1 that way, with the least that has to be hidden for it.
    """
    table = counts.sum(axis=2)
    marks = np.full(table.shape, Hidden.SHOWN, dtype="<U8")
    is_small = (table > 0) & (table < k)
    marks[is_small] = Hidden.SMALL
    marks[list(rows), :] = Hidden.WITHHELD
    marks[:, list(columns)] = Hidden.WITHHELD
    # Cells of withheld lines that are small need protection like the others. The smallest first:
    # they need the most, and what is hidden for them serves the others.
    small_cells = sorted(zip(*np.nonzero(is_small), strict=True), key=lambda cell: table[cell])
    for row, column in small_cells:
        corners = _find_corners(counts, marks, k, int(row), int(column))
        if corners is None:
            marks[:] = Hidden.WITHHELD
            return marks
        for corner in corners:
            if marks[corner] == Hidden.SHOWN:
                marks[corner] = Hidden.PARTNER
    return marks


def _find_corners(
    counts: Counts, marks: Marks, k: int, row: int, column: int
) -> list[tuple[int, int]] | None:
    """Find the cells that protect a small one; None where none do."""
    table = counts.sum(axis=2)
    count = table[row, column]
    is_withheld = marks == Hidden.WITHHELD
    # How much a corner can lose: a withheld cell everything, a partner all but k.
    spare = np.where(is_withheld, table, table - k)
    is_corner = is_withheld | (table >= k)
    # Messages of one month that can be exchanged, by the other row and the other column: to make
    # the cell larger, those beside it in its row and column; to make it smaller, its own.
    larger = np.minimum(counts[:, None, column, :], counts[None, row, :, :]).sum(axis=2)
    larger = np.minimum(larger, np.minimum(spare[:, [column]], spare[[row], :]))
    smaller = np.minimum(counts[row, column], counts).sum(axis=2)
    smaller = np.minimum(smaller, spare)
    usable = is_corner & is_corner[:, [column]] & is_corner[[row], :]
    usable[row, :] = usable[:, column] = False
    # What has to be hidden anew, in messages; the least is best.
    cost = np.where(marks == Hidden.SHOWN, table, 0)
    costs = cost + cost[:, [column]] + cost[[row], :]
    can_grow, can_shrink = usable & (larger >= k - 1 - count), usable & (smaller >= count - 1)
    choices = [can_grow & can_shrink] if (can_grow & can_shrink).any() else [can_grow, can_shrink]
    cells: list[tuple[int, int]] = []
    for choice in choices:
        if not choice.any():
            return None
        best = np.argmin(np.where(choice, costs, np.iinfo(np.int64).max))
        other_row, other_column = (int(part) for part in np.unravel_index(best, choice.shape))
        cells += [(other_row, other_column), (other_row, column), (row, other_column)]
    return cells
