"""Work during which nobody looks for garbage, because there is next to none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage(*, is_kept: bool = False) -> Iterator[None]:
    """Let nobody look for garbage while modules are imported, or a city is opened.

    Next to nothing of it is any, and looking for it takes an eighth of the time.

    Parameters
    ----------
    is_kept
        Whether all that was made stays for good, as in a server, so that nobody looks for it
        afterwards either.
    """
    was_looked_for = gc.isenabled()
    gc.disable()
    try:
        yield
        if is_kept:
            gc.freeze()
    finally:
        if was_looked_for:
            _take_for_used()
            gc.enable()


def _take_for_used() -> None:
    """Take what was made for in use, so that the next look, at new things, is not at all of it."""
    # What somebody else has frozen would be released with it.
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()  # into the oldest generation
