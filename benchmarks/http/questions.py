"""What is asked of every server."""

from __future__ import annotations

from dataclasses import dataclass

LAYER, BBOX, FEATURE = "districts", "126.84,35.14,126.86,35.16", "010"
LON, LAT = 126.85, 35.14
ALL = 1000
"""More features than the layer has."""


@dataclass(frozen=True)
class Question:
    """A question, and where ours answers it.

    Attributes
    ----------
    name
        In the table.
    path
        Of ours.
    br
        Whether the answer is asked for in Brotli.
    """

    name: str
    path: str
    br: bool = False


ITEMS = f"/api/collections/{LAYER}/items"
PAGE = Question("page", "/?lang=ko")
PAGE_BR = Question("page in br", "/?lang=ko", br=True)
NEAREST = Question("nearest", f"/api/nearest?lon={LON}&lat={LAT}")
LOCATE = Question("locate", f"/api/locate?lon={LON}&lat={LAT}")
BOX = Question("items with bbox", f"{ITEMS}?bbox={BBOX}&limit={ALL}")
WHOLE = Question("whole collection", f"{ITEMS}?limit={ALL}")
ONE = Question("one item", f"{ITEMS}/{FEATURE}")
QUESTIONS = (PAGE, PAGE_BR, NEAREST, LOCATE, BOX, WHOLE, ONE)


@dataclass(frozen=True)
class Target:
    """How many times as many requests as another ours is to answer."""

    question: Question
    contestant: str
    ratio: float


TARGETS = (
    Target(NEAREST, "bare Flask", 1.2),
    Target(LOCATE, "bare Flask", 1.2),
    Target(BOX, "bare Flask", 0.9),
    Target(WHOLE, "bare Flask", 0.9),
    Target(PAGE_BR, "bare Flask", 1.5),
    Target(BOX, "tipg", 10),
    Target(BOX, "pygeoapi", 40),
    Target(ONE, "tipg", 5),
)
MOST_P99_TO_P50, MOST_MEMORY = 2.0, 0.75
MOST_START, MOST_KEPT_START = 1 / 3, 1 / 5
