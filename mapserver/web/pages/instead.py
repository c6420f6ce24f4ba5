"""Where one can go instead of a trail that is closed: the nearest one that is open."""

from __future__ import annotations

from dataclasses import dataclass

from mapserver.model import Role, State
from mapserver.text import language
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.site import Site

LOOKED_AT = 10
"""So many of the nearest trails are looked at: what is farther away is another outing."""
SHUT = (State.CLOSED, State.PLANNED)


@dataclass(frozen=True, slots=True)
class OtherTrail:
    """A trail nearby, and how far it is in a straight line.

    Attributes
    ----------
    place
        The trail.
    distance
        From the entrance of the trail that is closed to the nearest place of this one, in words.
    is_nearest_open
        Whether it is the first of them that is surely open on the day of the page.
    """

    place: ListedFeature
    distance: str
    is_nearest_open: bool


def list_other_trails(
    site: Site, trail: str, entrance: tuple[float, float] | None
) -> list[OtherTrail]:
    """List the trails nearest to the entrance of another, nearest first.

    The browser chooses among them on another day (frontend/days/instead.js).

    Parameters
    ----------
    site
        The city, in the reader's language and on the day of the page.
    trail
        The id of the trail, which is not among them.
    entrance
        Where it is entered, in degrees; nothing is near to what has no place.
    """
    if entrance is None:
        return []
    # One more than is shown: the trail itself is nearest to its own entrance.
    nearest = site.city.nearest_trails(*entrance, k=LOOKED_AT + 1)
    trails = site.places(Role.TRAILS)
    # A trail whose state is not known is no answer to "where now?".
    others = [
        (trails[id_], language.distance(distance_m, site.lang))
        for id_, distance_m in nearest["distance_m"].items()
        if id_ != trail
    ][:LOOKED_AT]
    first = next((place.id for place, _ in others if place.caption.state == State.OPEN), None)
    return [OtherTrail(place, distance, place.id == first) for place, distance in others]


def is_shut(place: ListedFeature) -> bool:
    """Return whether a trail is surely not open on the day of the page."""
    return place.caption.state in SHUT
