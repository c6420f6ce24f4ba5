"""What search engines are told of a trail or a district: schema.org, as JSON-LD."""

from __future__ import annotations

import math
from typing import Any

from mapserver.model import Role
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.site import Site


def describe_linked(site: Site, place: ListedFeature, url: str) -> dict[str, Any]:
    """Return a trail or a district in the words of schema.org: only what is known.

    Opening hours are left out: the data has seasons and closures, and no hours.

    Parameters
    ----------
    site
        The pages of the city in one language.
    place
        The feature that the page is about.
    url
        Whole address of the page; empty where nobody knows it.
    """
    is_trail = site.city.layer_of(Role.TRAILS) == place.layer
    linked: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": ["TouristAttraction", "Place"] if is_trail else "Place",
        "name": place.name,
    }
    if url:
        linked |= {"@id": url, "url": url}
    if math.isfinite(place.lon) and math.isfinite(place.lat):
        # Seven decimals are a centimetre.
        linked["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": round(float(place.lat), 7),
            "longitude": round(float(place.lon), 7),
        }
    if place.area:
        linked["containedInPlace"] = {"@type": "Place", "name": place.area}
    return linked
