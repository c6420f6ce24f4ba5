"""What was published of the direct line, and the words in which it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

UNKNOWN_NAME = ""
"""Stands for messages of which the neighbourhood or the category is not known."""
YEARLY = "neighborhood_category"
BY_MONTH = ("neighborhood", "category")
TABLES = ("month", *BY_MONTH, "year", YEARLY)
"""What rows of published figures are about: all messages of a month, those of a neighbourhood or
of a category in it, all of a year, and those of a neighbourhood and a category in the year."""
TIMES = ("share_48h", "share_working", "median_h", "median_working_h")
"""What is said of the time to the answer; not a number where it is not known."""
SMALLEST_COUNTS = range(2, 101)
"""What the smallest count that is published can be, as in the catalogue."""


class Hidden(StrEnum):
    """Why a count is not published.

    ``SHOWN`` is published; ``SMALL`` is from 1 to k - 1; ``PARTNER`` is k or more, and would reveal
    a small one; ``WITHHELD`` is any number, 0 too: nothing of its line can be published.
    ``UNKNOWN`` was published, but what was said cannot be read any more.
    """

    SHOWN = ""
    SMALL = "small"
    PARTNER = "partner"
    WITHHELD = "withheld"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FrozenFigures:
    """What was published of the direct line, as far as it can be read.

    Attributes
    ----------
    cells
        The cells of each period that was published and can be read, by the period (``2026-10`` or
        ``2025``).
    unknown
        Periods that were published, and whose rows are not what was published.
    is_whole
        Every row could be read. Where one could not, a period that is not in ``cells`` may have
        been published with other numbers than those that would be computed now.
    """

    cells: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    is_whole: bool = True

    def is_unknown(self, period: str) -> bool:
        """Return whether a period was, or may have been, published with numbers nobody can read."""
        return period in self.unknown or not (self.is_whole or period in self.cells)

    def list_months(self, year: str) -> list[str]:
        """List the months of a year that were published and can be read."""
        return sorted(period for period in self.cells if period.startswith(f"{year}-"))
