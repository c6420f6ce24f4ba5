"""What SIGTERM does to a command: it ends as if interrupted, and being stopped is no mistake."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

STOP = "mapserver.stop"
"""Under this key the context of a command has whether it was told to stop."""


class StopError(KeyboardInterrupt):
    """The process was told to stop: all that an interrupt tidies up is tidied up."""


@contextmanager
def stop_on_signal(context: click.Context) -> Iterator[None]:
    """Have SIGTERM end what runs meanwhile: drafts go, locks are freed, kernels of notebooks end.

    The system's own way would end the process where it stands. A second signal still does.
    """
    if threading.current_thread() is not threading.main_thread():
        # No other thread may change what a signal does: a program calls the command in one.
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        context.meta[STOP] = True
        raise StopError

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def is_stopped(context: click.Context) -> bool:
    """Return whether a command was told to stop, whatever a library has made of that."""
    return bool(context.meta.get(STOP))
