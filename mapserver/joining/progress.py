"""How far a join is: a bar on a terminal, a line in a notebook, and nothing where it is piped."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mapserver.settings import limits


class RowCounter:
    """Counts rows of all threads, and how many a second.

    Parameters
    ----------
    total
        How many there are.
    show
        Called now and then with the rows that are done, and at the end.
    """

    def __init__(self, total: int, show: Callable[[RowCounter], None]) -> None:
        self.total, self.done, self.is_stopped = total, 0, False
        self._show, self._lock = show, threading.Lock()
        self._start_s = self._shown_s = time.monotonic()

    @property
    def rows_per_s(self) -> float:
        """Rows a second since the start."""
        return self.done / max(time.monotonic() - self._start_s, 1e-3)

    @property
    def left_s(self) -> float:
        """Seconds that the rest will take at this speed."""
        return (self.total - self.done) / max(self.rows_per_s, 1e-3)

    def add(self, rows: int) -> None:
        """Count rows that are done."""
        with self._lock:
            self.done += rows
            now_s = time.monotonic()
            if now_s - self._shown_s >= limits.PROGRESS_EVERY_S or self.done >= self.total:
                self._shown_s = now_s
                self._show(self)

    def stop(self) -> None:
        """Show that no more rows come: what is left takes no time any more."""
        with self._lock:
            self.is_stopped = True
            self._show(self)

    def describe(self) -> str:
        """Return how far it is, in a line."""
        share = self.done / self.total if self.total else 1.0
        rows = f"{share:.0%} · {self.done:,} of {self.total:,} rows"
        if not self.done:
            # Nothing is measured yet, and the line stays there when the first batch fails.
            return rows
        is_on = self.done < self.total and not self.is_stopped
        left = f", {self.left_s:.0f} s left" if is_on else ""
        return f"{rows} · {format_speed(self.rows_per_s)}{left}"


def format_speed(rows_per_s: float) -> str:
    """Return a speed for people: millions or thousands of rows a second.

    Examples
    --------
    >>> format_speed(2_340_000), format_speed(5_200)
    ('2.3 M rows/s', '5.2 k rows/s')
    """
    if rows_per_s >= 1e6:
        return f"{rows_per_s / 1e6:.1f} M rows/s"
    return f"{rows_per_s / 1e3:.1f} k rows/s"


@contextmanager
def show_rows(total: int, *, is_shown: bool) -> Iterator[Callable[[int], None]]:
    """Show how far a join is, and yield a function that is called with rows that are done.

    Parameters
    ----------
    total
        How many rows there are.
    is_shown
        Whether to show it at all.
    """
    notebook = find_notebook() if is_shown else None
    console = Console(stderr=True)
    if notebook is not None:
        with _show_in_notebook(total, notebook) as add:
            yield add
    elif is_shown and console.is_terminal:
        with _show_on_terminal(total, console) as add:
            yield add
    else:
        yield lambda _: None


@contextmanager
def _show_on_terminal(total: int, console: Console) -> Iterator[Callable[[int], None]]:
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    # A bar goes when all is done, and leaves the terminal to what is printed then.
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("", total=total, speed="")
        counter = RowCounter(
            total,
            lambda c: bars.update(bar, completed=c.done, speed=format_speed(c.rows_per_s)),
        )
        yield counter.add


@contextmanager
def _show_in_notebook(total: int, display: Callable[..., Any]) -> Iterator[Callable[[int], None]]:
    """Show a line that changes in its place; no package of widgets is needed for that."""
    counter = RowCounter(total, lambda c: handle.update(_Line(c.describe())))
    handle = display(_Line(counter.describe()), display_id=True)
    try:
        yield counter.add
    except BaseException:
        counter.stop()
        raise


class _Line:
    """A line of text that a notebook shows; it has nothing but numbers and words of ours."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def find_notebook() -> Callable[..., Any] | None:
    """Return what displays in the notebook that this runs in; None elsewhere."""
    # Where no notebook runs IPython need not be loaded, nor even be there.
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display  # noqa: PLC0415 -- it is there: a kernel runs

    function: Callable[..., Any] = display
    return function
