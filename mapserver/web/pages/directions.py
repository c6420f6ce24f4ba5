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
    """Return the addresses that hand a place over to map applications.

    Parameters
    ----------
    site
        The city, in the reader's language.
    name
        What the place is called.
    lon, lat
        Degrees.

    Returns
    -------
    list of dict
        ``name`` and ``url``, an address that any browser opens; where there is an app, its address
        ``app``, and ``android`` as an intent. ``own`` marks the telephone's own map. In an address
        of an app ``PAGE`` stands for the page that asks.
    """
    called = _quote_name(name)
    at = f"{lat},{lon}"
    kakao, naver = f"route?ep={at}&by=foot", f"route/walk?dlat={lat}&dlng={lon}&dname={called}"
    naver_page = f"https://map.naver.com/p/directions/-/{lon},{lat},{called}/-/walk"
    # The older form of Apple's addresses is the one that telephones before iOS 18.4 read, too.
    apple = f"https://maps.apple.com/?{urlencode({'daddr': at, 'q': name, 'dirflg': 'w'})}"
    asked = {"api": 1, "destination": at}
    if site.city.is_in_korea:
        # Google has shown ways by bus and train alone in Korea.
        asked["travelmode"] = "transit"
    google = f"https://www.google.com/maps/dir/?{urlencode(asked)}"
    links: dict[str, dict[str, str]] = {
        "kakao": {
            "name": N_("KakaoMap"),
            "url": f"https://map.kakao.com/link/to/{called},{at}",
            "app": f"kakaomap://{kakao}",
            "android": f"intent://{kakao}#Intent;scheme=kakaomap;package=net.daum.android.map;end",
        },
        "naver": {
            "name": N_("Naver Map"),
            "url": naver_page,
            "app": f"nmap://{naver}&appname=PAGE",
            "android": f"intent://{naver}&appname=PAGE"
            "#Intent;scheme=nmap;package=com.nhn.android.nmap;end",
        },
        "openstreetmap": {
            "name": "OpenStreetMap",
            "url": f"https://www.openstreetmap.org/directions?{urlencode({'to': at})}",
        },
        "google": {"name": "Google Maps", "url": google},
        "apple": {"name": "Apple Maps", "url": apple},
        "phone": {
            "name": N_("Map app of this phone"),
            "url": f"https://maps.apple.com/?{urlencode({'daddr': at, 'dirflg': 'w'})}",
            "app": f"geo:{at}?q={at}({called})",
            "own": "yes",
        },
    }
    chosen_maps = site.city.catalog.map_links
    if chosen_maps is None:
        chosen_maps = KOREAN_MAPS if site.city.is_in_korea else MAPS_ELSEWHERE
    return [links[which] | {"name": site.say(links[which]["name"])} for which in chosen_maps]


def link_walk(
    site: Site, start: tuple[str, float, float], aim: tuple[str, float, float]
) -> dict[str, str] | None:
    """Return the address that shows the way on foot between two places; None where no map does.

    KakaoMap takes one place alone for the start of a walk, so both ends have to be named: its page
    shows the way from a stop to a trail, which from where somebody stands only its app does.

    Parameters
    ----------
    site
        The city, in the reader's language.
    start, aim
        What each is called, longitude and latitude.
    """
    chosen_maps = site.city.catalog.map_links
    if chosen_maps is None:
        chosen_maps = KOREAN_MAPS if site.city.is_in_korea else MAPS_ELSEWHERE
    if "kakao" not in chosen_maps:
        return None
    ends = [f"{_quote_name(name)},{lat},{lon}" for name, lon, lat in (start, aim)]
    way = f"route?sp={start[2]},{start[1]}&ep={aim[2]},{aim[1]}&by=foot"
    return {
        "name": site.say(N_("Walk from this stop in KakaoMap")),
        "url": f"https://map.kakao.com/link/by/walk/{'/'.join(ends)}",
        "app": f"kakaomap://{way}",
        "android": f"intent://{way}#Intent;scheme=kakaomap;package=net.daum.android.map;end",
    }


def _quote_name(name: str) -> str:
    """Write a name for an address: KakaoMap cuts one at the comma and at the stroke."""
    return quote(" ".join(name.replace(",", " ").replace("/", " ").split()), safe="")
