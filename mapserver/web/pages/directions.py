"""The way to a place, handed over to map applications: the addresses that each of them reads."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from mapserver.errors import N_
from mapserver.model import MapLink
from mapserver.web.pages.site import Site

KOREAN_MAPS: tuple[MapLink, ...] = ("kakao", "naver", "phone")
MAPS_ELSEWHERE: tuple[MapLink, ...] = ("openstreetmap", "phone")
"""Maps that show the way where the catalogue names none."""


def list_directions(site: Site, name: str, lon: float, lat: float) -> list[dict[str, str]]:
    """Return the addresses that hand a place over to map applications."""
    # KakaoMap cuts a name at the comma, which separates the coordinates.
    called = quote(name.replace(",", " "), safe="")
    target = urlencode({"dlat": lat, "dlng": lon, "dname": name, "appname": "maenballo"})
    at = f"{lat},{lon}"
    apple = f"https://maps.apple.com/?{urlencode({'daddr': at, 'q': name})}"
    google = f"https://www.google.com/maps/dir/?{urlencode({'api': 1, 'destination': at})}"
    open_map = f"https://www.openstreetmap.org/directions?{urlencode({'to': at})}"
    links: dict[str, dict[str, str]] = {
        "kakao": {"name": N_("KakaoMap"), "url": f"https://map.kakao.com/link/to/{called},{at}"},
        "naver": {"name": N_("Naver Map"), "url": f"nmap://route/walk?{target}"},
        "openstreetmap": {"name": "OpenStreetMap", "url": open_map},
        "google": {"name": "Google Maps", "url": google},
        "apple": {"name": "Apple Maps", "url": apple},
        "phone": {
            "name": N_("Map of this phone"),
            "url": f"geo:{at}?q={at}({called})",
            "id": "own-map",
        },
    }
    chosen_maps = site.city.catalog.map_links
    if chosen_maps is None:
        chosen_maps = KOREAN_MAPS if site.city.is_in_korea else MAPS_ELSEWHERE
    return [links[which] | {"name": site.say(links[which]["name"])} for which in chosen_maps]
