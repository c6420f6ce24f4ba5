"""Examine the data of an opened city: what looks wrong, where, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapserver.check.summary import LayerSummary, summarise
from mapserver.findings import Finding

if TYPE_CHECKING:
    from mapserver.city import City

__all__ = ["LayerSummary", "examine", "summarise"]


def examine(city: City) -> list[Finding]:
    """Look at every layer of a city, and at how they fit together."""
    return []
