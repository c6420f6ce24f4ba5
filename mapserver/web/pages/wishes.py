"""What a visitor of the first page wishes of a trail: the chips, in the address and in the list."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field

from mapserver.errors import N_
from mapserver.web.pages.listed import ListedTrail

CLAY = "황토"
"""The surface that people come for; in cities that do not have it there is no chip."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One chip: what it asks of a trail.

    Attributes
    ----------
    name, value
        Of the check box, and of the parameter in the address.
    label, icon
        What stands on the chip.
    fits
        Whether a trail fulfils it. What is not known does not.
    """

    name: str
    value: str
    label: str
    icon: str
    fits: Callable[[ListedTrail], bool]


WISHES = (
    Wish("foot_wash", "1", N_("Foot wash"), "wash", lambda trail: trail.foot_wash is True),
    Wish("toilet", "1", N_("Toilet"), "wc", lambda trail: trail.toilet is True),
    Wish("light", "1", N_("Lighting"), "lamp", lambda trail: trail.light is True),
    Wish("surface", CLAY, CLAY, "ground", lambda trail: trail.surface == CLAY),
    Wish("open", "1", N_("Open today"), "clock", lambda trail: trail.is_open),
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an address of the first page says.

    Attributes
    ----------
    chips
        Names of the chips that are on, in the order of ``WISHES``.
    start
        Id of a neighbourhood, or empty.
    """

    chips: tuple[str, ...] = field(default_factory=tuple)
    start: str = ""

    @property
    def query(self) -> str:
        """The same wishes as one text, always in the same order."""
        return "&".join((*self.chips, *([f"from={self.start}"] if self.start else [])))

    def fit(self, trail: ListedTrail) -> bool:
        """Return whether a trail fulfils all that is wished."""
        return all(wish.fits(trail) for wish in WISHES if wish.name in self.chips)


def list_wishes(trails: list[ListedTrail]) -> list[Wish]:
    """List the chips of a city: those that some of its trails fulfil."""
    return [wish for wish in WISHES if wish.name == "open" or any(map(wish.fits, trails))]


def read_wishes(
    trails: list[ListedTrail], query: Mapping[str, str], starts: Container[str]
) -> Wishes:
    """Read wishes from an address; what means nothing here is as if it were not there."""
    chips = tuple(wish.name for wish in list_wishes(trails) if query.get(wish.name) == wish.value)
    start = query.get("from", "")
    return Wishes(chips, start if start in starts else "")
