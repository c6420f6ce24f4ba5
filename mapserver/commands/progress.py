"""How far a command is: bars on a terminal, lines or nothing when piped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, track

from mapserver.errors import printable

T = TypeVar("T")


def show_files(files: Sequence[T]) -> Iterable[T]:
    """Pass files on, with a bar on a terminal when there are several; quiet when piped."""
    console = Console(stderr=True)
    is_quiet = not console.is_terminal or len(files) < 2
    return track(files, "", console=console, transient=True, disable=is_quiet)


@contextmanager
def show_running() -> Iterator[Callable[[str, float], None]]:
    """Show on a terminal what runs and how far it is; piped, write a line when each is done.

    A report takes minutes: who reads its messages in a file sees which notebook took how long.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        with _write_lines() as report_progress:
            yield report_progress
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    # A bar goes when all is done, and leaves the terminal to what the command prints.
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report_progress(name: str, share: float) -> None:
            if name not in tasks:
                # One runs at a time: what ran before is done.
                for task in tasks.values():
                    bars.update(task, completed=1)
                tasks[name] = bars.add_task(escape(printable(name)), total=1)
            bars.update(tasks[name], completed=share)

        yield report_progress


@contextmanager
def _write_lines() -> Iterator[Callable[[str, float], None]]:
    """Write a line to standard error for each thing that was run, with its seconds."""
    starts_s: dict[str, float] = {}

    def write_seconds() -> None:
        for name, start_s in starts_s.items():
            click.echo(f"{printable(name)}: {time.monotonic() - start_s:.1f} s", err=True)
        starts_s.clear()

    def report_progress(name: str, _: float) -> None:
        if name not in starts_s:
            write_seconds()
            starts_s[name] = time.monotonic()

    yield report_progress
    write_seconds()


@contextmanager
def show_count() -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many files are written; quiet when piped."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as status:
        yield lambda count: status.update(str(count))
