"""Where one can eat near a trail: shops, with the certificates that each of them takes."""

from __future__ import annotations

from dataclasses import dataclass

from mapserver.geo import geodesy
from mapserver.web.pages.shop_lists import FOOD, Shop
from mapserver.web.pages.site import Site

SHOWN_SHOPS = 4
SHOWN_DISTRICTS = 3
"""So many shops, of so many districts, are enough to choose from."""


@dataclass(frozen=True, slots=True)
class EatingPlace:
    """A shop near a trail: the district in which it stands, and the minutes on foot to it."""

    shop: Shop
    district: str
    minutes: int


def list_eating_places(site: Site, trail: str, lon: float, lat: float) -> list[EatingPlace]:
    """List the nearest shops where one can eat, of the districts near a trail.

    Those that take certificates come where any shop says whether it does; who says no is left out.

    Parameters
    ----------
    site
        The city in the reader's language.
    trail
        Its id.
    lon, lat
        The place from which ways are measured: where the trail is entered, in degrees.
    """
    districts = [walk.place.id for walk in site.districts_near(trail)[:SHOWN_DISTRICTS]]
    shops = [
        (shop, district)
        for district in districts
        for shop in site.shops.list_shops(district)
        if FOOD.search(shop.kind) and shop.answer in {"yes", ""}
    ]
    if not shops:
        return []
    _, distances_m = geodesy.azimuth_and_distance(
        [lon] * len(shops),
        [lat] * len(shops),
        [shop.lon for shop, _ in shops],
        [shop.lat for shop, _ in shops],
    )
    nearest = sorted(
        zip(distances_m, shops, strict=True), key=lambda pair: (pair[0], pair[1][0].id)
    )
    return [
        EatingPlace(shop, district, max(1, round(float(m) / geodesy.WALKING_M_PER_MIN)))
        for m, (shop, district) in nearest[:SHOWN_SHOPS]
    ]
