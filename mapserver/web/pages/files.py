"""The files of one feature that its page offers, by the API."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from mapserver.web.addresses import addresses
from mapserver.web.api.downloads import list_downloads
from mapserver.web.api.formats import HTML
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.site import Site

USUAL = ("gpx", "kml", "geojson", "gpkg", "csv")
"""Formats that residents and planners ask for; they come before the others."""


def list_files(
    site: Site, place: ListedFeature, day: str = "", without: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """List the files of a feature, and last its page in the API, for programs.

    Parameters
    ----------
    site
        The city in the reader's language.
    place
        The feature.
    day
        The day that the page is about, if it is not today; states are of it.
    without
        Formats that the page offers already.

    Returns
    -------
    list of tuple
        For each the name of its format and its address below the root of the site; the last has no
        name. Empty where the site is files, which nobody can ask.
    """
    if addresses().is_static:
        return []
    path = f"api/collections/{quote(place.layer)}/items/{quote(place.id)}"
    more = {"lang": site.lang} | ({"datetime": day} if day else {})
    offered = {each.name: each.title for each in list_downloads(site.city.layers[place.layer])}
    files = [
        (offered[name], f"{path}?{urlencode({'f': name} | more)}")
        for name in dict.fromkeys((*USUAL, *offered))
        if name in offered and name not in without
    ]
    return [*files, ("", f"{path}?{urlencode({'f': HTML.name} | more)}")]
