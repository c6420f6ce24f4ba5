"""What search engines are told of a trail or a district: schema.org, as JSON-LD."""

from __future__ import annotations

import json
import math
from typing import Any

from markupsafe import Markup

from mapserver.model import Role
from mapserver.web.addresses import addresses
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.site import Site
from mapserver.web.roots import ROOT

ESCAPES = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&'\u2028\u2029"})
"""What could end the script that the data stands in, or a line of it, as JSON may write it."""


def write_linked(site: Site, place: ListedFeature, path: str, base_url: str) -> Markup:
    """Write what :func:`describe_linked` returns as JSON that nothing in it can leave."""
    text = json.dumps(describe_linked(site, place, path, base_url), ensure_ascii=False)
    return Markup(text.translate(ESCAPES))  # noqa: S704 -- every sign that acts is escaped


def describe_linked(site: Site, place: ListedFeature, path: str, base_url: str) -> dict[str, Any]:
    """Return a trail or a district in the words of schema.org: only what is known.

    Opening hours are left out: the data has seasons and closures, and no hours.

    Parameters
    ----------
    site
        The pages of the city in one language.
    place
        The feature that the page is about.
    path
        Path of the page below the root of the site, quoted.
    base_url
        Public address of the site without a trailing slash. Where it is empty, a server writes
        ``ROOT``, which the address of each request replaces, and files name no address.
    """
    root = base_url or ("" if addresses().is_static else ROOT)
    url = root and addresses().public(path, site.lang, root)
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
