"""How many processors a join may use."""

from __future__ import annotations

import os

from mapserver.settings import limits


def count_processors() -> int:
    """Return how many processors this process may use, up to a limit."""
    has_affinity = hasattr(os, "sched_getaffinity")
    count = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return max(min(count, limits.MAX_THREADS), 1)
