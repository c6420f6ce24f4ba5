"""How often somebody may ask."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one client may ask.

    Attributes
    ----------
    per_s
        Requests a second, for as long as one likes.
    burst
        Requests at once, of who has not asked for a while.
    """

    per_s: float
    burst: int
