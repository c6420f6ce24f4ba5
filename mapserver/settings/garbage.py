"""Work during which nobody looks for garbage, because there is next to none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage() -> Iterator[None]:
    """Let nobody look for garbage while modules are imported, or a city is opened.

    Next to nothing of it is any, and looking for it takes an eighth of the time.
    """
    was_looked_for = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looked_for:
            gc.enable()
