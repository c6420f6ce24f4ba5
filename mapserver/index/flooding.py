"""A run near the middle of each cell of a grid, by jump flooding (Rong and Tan 2006)."""

from __future__ import annotations

import numpy as np

from mapserver.geo.geodesy import Floats
from mapserver.index.flat_lines import Lines
from mapserver.index.grid import Grid, Ints

LONGEST = 6
"""The longest step of the jump flooding is 2 to this power, in cells. Cells that are farther from
every run of a large layer get no guess, and no list."""

Window = tuple[slice, slice]


def find_middles(grid: Grid, cell: Ints) -> tuple[Floats, Floats]:
    """Compute the middles of cells, x and y."""
    row, column = np.divmod(cell, grid.columns)
    return grid.x + (column + 0.5) * grid.size, grid.y + (row + 0.5) * grid.size


def measure_to_guesses(grid: Grid, lines: Lines, run: Ints) -> Floats:
    """Measure from the middle of each cell to the nearest vertex of the run that it guesses."""
    x, y = find_middles(grid, np.arange(len(run)))
    start, end = lines.run_first[run], lines.run_last[run]
    best = np.full(len(run), np.inf)
    # The vertices of all runs at once: their first ones, their second ones and so on. A run with
    # fewer vertices repeats its last.
    for step in range(int((end - start).max()) + 1):
        vertex = np.minimum(start + step, end)
        best = np.minimum(best, (lines.xs[vertex] - x) ** 2 + (lines.ys[vertex] - y) ** 2)
    distances: Floats = np.sqrt(best)
    return distances


def guess_runs(grid: Grid, start: Ints, run: Ints, box: Floats) -> Ints:
    """Guess for each cell a run near its middle, by jump flooding (Rong and Tan 2006).

    Parameters
    ----------
    grid
        The cells.
    start, run
        The runs that cross each cell, as compressed rows.
    box
        Shape (runs, 4): west, south, east, north.

    Returns
    -------
    ndarray of int
        A run for each cell, or -1. It need not be the nearest, only near.
    """
    shape = grid.rows, grid.columns
    # A run stands for the middle of its box here.
    run_x, run_y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    x, y = (middle.reshape(shape) for middle in find_middles(grid, np.arange(len(start) - 1)))
    x, y = x[:1], y[:, :1]
    # A cell that a run crosses begins with the nearest of those; the others begin with none.
    counts = np.diff(start)
    cell = np.repeat(np.arange(len(counts)), counts)
    dx, dy = run_x[run] - x[0, cell % grid.columns], run_y[run] - y[cell // grid.columns, 0]
    squared = dx * dx + dy * dy
    order = np.lexsort((squared, cell))[start[:-1][counts > 0]]
    guess, best = np.full(len(counts), -1, np.int64), np.full(len(counts), np.inf)
    guess[counts > 0], best[counts > 0] = run[order], squared[order]
    guess, best = guess.reshape(shape), best.reshape(shape)
    # Each cell takes over the guess of a neighbour that is nearer to its own middle. Long steps
    # reach empty cells; the steps of 1 at the end let each cell ask its neighbours twice.
    longest = min((max(shape) - 1).bit_length() - 1, LONGEST)
    for step in (*(1 << n for n in range(longest, -1, -1)), 1):
        for south, east in ((0, step), (step, 0), (step, step), (step, -step)):
            lower, upper = _shift_windows(shape, south, east)
            # Both ways: four directions make all eight neighbours.
            for asking, answering in ((lower, upper), (upper, lower)):
                offered = guess[answering]
                dx, dy = run_x[offered] - x[:, asking[1]], run_y[offered] - y[asking[0]]
                squared = dx * dx + dy * dy
                is_better = (offered >= 0) & (squared < best[asking])
                guess[asking][is_better] = offered[is_better]
                best[asking][is_better] = squared[is_better]
    return guess.ravel()


def _shift_windows(shape: tuple[int, int], rows: int, columns: int) -> tuple[Window, Window]:
    """Return two windows of equal size on an array of cells, one shifted from the other.

    Parameters
    ----------
    shape
        Rows and columns of the array.
    rows, columns
        The cell at a position of the second window is so many rows and columns after the cell at
        that position of the first one; the columns may be less than 0.
    """
    height, width = shape
    before = (
        slice(0, max(height - rows, 0)),
        slice(max(-columns, 0), max(width - max(columns, 0), 0)),
    )
    after = (
        slice(min(rows, height), height),
        slice(max(columns, 0), max(width + min(columns, 0), 0)),
    )
    return before, after
