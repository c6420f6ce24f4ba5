"""Pages of trails: the list with its filters, a page for each, files to take along, a poster."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import segno
from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from mapserver.errors import N_, fill
from mapserver.model import Features, Layer, Role, encode
from mapserver.readers.gpx.original import find_originals
from mapserver.settings import limits
from mapserver.text import language
from mapserver.text.hangul import make_search_pattern
from mapserver.web.addresses import addresses
from mapserver.web.api.states import states_on
from mapserver.web.live import current
from mapserver.web.pages.listed import LONG_M, SHORT_M, ListedFeature, ListedTrail
from mapserver.web.pages.site import Site
from mapserver.web.rendering import Edition, edition, send_page
from mapserver.web.responses import Body, attachment, send
from mapserver.writers import gpx, kml
from mapserver.writers.layer import WriteOptions

blueprint = Blueprint("trails", __name__, url_prefix="/trails")

SORTS: dict[str, Callable[[ListedTrail], Any]] = {
    "name": lambda trail: trail.place.name.casefold(),
    # A trail of unknown length comes last.
    "shortest": lambda trail: (math.isnan(trail.length_m), trail.length_m),
    "longest": lambda trail: (math.isnan(trail.length_m), -trail.length_m),
    "area": lambda trail: (trail.place.area, trail.place.name.casefold()),
}


@blueprint.get("/")
def trails() -> Response:
    """List the trails; filters and order are in the address and work without JavaScript."""
    now = edition()
    if not now.site.trails:
        abort(404)
    given = _given(now.site)
    address = f"trails/?{urlencode(given)}"
    page = now.page(
        address, "trails.html", lambda: _list(now.site, given), is_made_up=bool(given["q"])
    )
    return send_page(page)


@blueprint.get("/<id_>")
def trail(id_: str) -> Response:
    """Show a trail: map, profile, facilities, way there, what lies near."""
    now = edition()
    place = _place(now.site, id_)
    page = now.page(f"trails/{quote(id_)}", "trail.html", lambda: _content(now, place))
    return send_page(page)


@blueprint.get("/<id_>/photo")
def photo(id_: str) -> Response:
    """Send the photograph of a trail."""
    found = current().city.photos.get(id_)
    if found is None:
        abort(404)
    try:
        data = found.path.read_bytes()
    except OSError:  # taken away since the folder was read
        abort(404)
    return send(Body(data, found.mimetype), request)


@blueprint.get("/<id_>/poster")
def poster(id_: str) -> Response:
    """Show a sheet of paper in A4 with map and QR code."""
    now = edition()
    place = _place(now.site, id_)
    root = now.base_url or request.url_root.rstrip("/")
    link = addresses().public(f"trails/{quote(id_)}", now.lang, root)

    def content() -> dict[str, Any]:
        if not link:
            return _content(now, place) | {"link": "", "code": ""}
        code = segno.make(link, error="m")
        drawn = code.svg_inline(scale=1, border=2, svgclass=None, lineclass=None, omitsize=True)
        return _content(now, place) | {"link": link.partition("?")[0], "code": Markup(drawn)}  # noqa: S704 -- squares

    # The address of the site is printed on it.
    address = f"trails/{quote(id_)}/poster?{link}"
    made_up = not now.base_url
    return send_page(now.page(address, "poster.html", content, is_made_up=made_up))


@blueprint.get("/<id_>.gpx")
def as_gpx(id_: str) -> Response:
    """Send a trail as GPX."""
    if (page := _page_of(f"{id_}.gpx")) is not None:
        return page
    return _file(id_, "gpx", "application/gpx+xml", lambda *asked: gpx.encode_layers(*asked)[0])


@blueprint.get("/<id_>.kml")
def as_kml(id_: str) -> Response:
    """Send a trail as KML."""
    if (page := _page_of(f"{id_}.kml")) is not None:
        return page
    return _file(id_, "kml", "application/vnd.google-earth.kml+xml", kml.encode_kml)


@blueprint.get("/<id_>.geojson")
def as_geojson(id_: str) -> Response:
    """Send a trail as GeoJSON, the same feature as in the API."""
    if (page := _page_of(f"{id_}.geojson")) is not None:
        return page
    now = edition(language.DEFAULT)
    place = _place(now.site, id_)

    def write() -> bytes:
        at = now.city.layers[place.layer].index.get_loc(id_)
        # A file of a static site is taken along on a day that nobody knows here.
        states = None if now.is_static else states_on(now.city, place.layer, now.day)
        features = Features(now.city.layers[place.layer].iloc[[at]])
        return encode(features.feature(0, states[at] if states else None))

    body = now.file(f"trails/{quote(id_)}.geojson", write, "application/geo+json")
    return attachment(send(body, request), f"{id_}.geojson")


@blueprint.get("/<id_>.svg")
def as_profile(id_: str) -> Response:
    """Draw the elevation profile of a trail."""
    if (page := _page_of(f"{id_}.svg")) is not None:
        return page
    now = edition()
    place = _place(now.site, id_)
    if now.site.trail(id_).profile is None:
        abort(404)
    drawn = now.page(
        f"trails/{quote(id_)}.svg",
        "profile.svg",
        lambda: _profile(now.site, place),
        mimetype="image/svg+xml",
    )
    return send(drawn, request)


def _page_of(whole: str) -> Response | None:
    """Return the page of a trail whose id ends as a file does: ``walk.gpx`` of ``walk.gpx.gpx``.

    The reader of the folder sees to it that there is no trail ``walk`` then.
    """
    places = edition(language.DEFAULT).site.places(Role.TRAILS)
    return trail(whole) if whole in places else None


# -- the list ----------------------------------------------------------------------------------


def _given(site: Site) -> dict[str, str]:
    """Read the filters; what means nothing here is as if it were not there."""
    asked = request.args
    allowed: dict[str, set[str]] = {
        "sort": set(SORTS),
        "length": {"short", "middle", "long"},
        "surface": {trail.surface for trail in site.trails},
        "area": set(site.places(Role.NEIGHBORHOODS)),
        "foot_wash": {"1"},
        "light": {"1"},
        "open": {"1"},
    }
    given = {name: asked.get(name, "") for name in allowed}
    given = {name: value if value in allowed[name] else "" for name, value in given.items()}
    return {"q": asked.get("q", "").strip()[: limits.MAX_TYPED_LETTERS]} | given


def rank_in(orders: dict[str, list[str]]) -> dict[str, dict[str, int]]:
    """Return for each id its rank in each of some orders, for pages that sort in the browser."""
    ranks: dict[str, dict[str, int]] = {}
    for name, ids in orders.items():
        for rank, id_ in enumerate(ids):
            ranks.setdefault(id_, {})[name] = rank
    return ranks


def _fits(trail: ListedTrail, given: dict[str, str]) -> bool:
    return (
        all(make_search_pattern(word).search(trail.place.names) for word in given["q"].split())
        and given["length"] in {"", trail.span}
        and given["surface"] in {"", trail.surface}
        and given["area"] in {"", trail.place.area_id}
        and (not given["foot_wash"] or trail.foot_wash)
        and (not given["light"] or trail.light)
        and (not given["open"] or trail.is_open)
    )


def _list(site: Site, given: dict[str, str]) -> dict[str, Any]:
    say = site.say
    found = [trail for trail in site.trails if _fits(trail, given)]
    found.sort(key=SORTS[given["sort"] or "name"])
    surfaces = sorted({trail.surface for trail in site.trails} - {""})
    any_of = ("", say(N_("All")))
    short, long = (language.distance(metres, site.lang) for metres in (SHORT_M, LONG_M))
    selects = [
        (
            "area",
            say(N_("Neighborhood")),
            [any_of, *((p.id, p.name) for p in site.places(Role.NEIGHBORHOODS).values())],
        ),
        (
            "surface",
            say(N_("Surface")),
            [any_of, *((value, language.word(value, site.lang)) for value in surfaces)],
        ),
        (
            "length",
            say(N_("Length")),
            [
                any_of,
                ("short", fill(say(N_("under {length}")), {"length": short})),
                ("middle", fill(say(N_("{short} to {long}")), {"short": short, "long": long})),
                ("long", fill(say(N_("over {length}")), {"length": long})),
            ],
        ),
        (
            "sort",
            say(N_("Order")),
            [
                ("", say(N_("By name"))),
                ("shortest", say(N_("Shortest first"))),
                ("longest", say(N_("Longest first"))),
                ("area", say(N_("In order of neighborhoods"))),
            ],
        ),
    ]
    checks = [
        ("foot_wash", say(N_("Foot wash"))),
        ("light", say(N_("Lighting"))),
        ("open", say(N_("Open today"))),
    ]
    orders = {name: sorted(site.trails, key=sort) for name, sort in SORTS.items()}
    length_m = operator.attrgetter("length_m")
    unknown = sum(trail.is_unknown for trail in site.trails)
    return {
        "heading": site.heading(Role.TRAILS),
        "given": given,
        "selects": [select for select in selects if len(select[2]) > 1],
        "checks": checks,
        "found": found,
        "orders": rank_in(
            {name: [trail.place.id for trail in order] for name, order in orders.items()}
        ),
        "found_length": language.total_distance(map(length_m, found), site.lang),
        "all": {
            "count": site.number(len(site.trails)),
            "length": language.total_distance(map(length_m, site.trails), site.lang),
            "open": site.number(sum(trail.is_open for trail in site.trails)),
            "unknown": site.number(unknown) if unknown else "",
        },
    }


# -- a trail -----------------------------------------------------------------------------------


def _place(site: Site, id_: str) -> ListedFeature:
    found = site.places(Role.TRAILS).get(id_)
    if found is None:
        abort(404)
    return found


def _content(now: Edition, place: ListedFeature) -> dict[str, Any]:
    site = now.site
    details = site.trail(place.id)
    entrance = details.entrance
    said = dict(place.caption.rows)
    return _profile(site, place) | {
        "heading": site.heading(Role.TRAILS),
        "place": place,
        "description_text": details.description,
        "surface": said.get(site.say(N_("Surface")), ""),
        "width": said.get(site.say(N_("Width")), ""),
        "opened": said.get(site.say(N_("Opened")), ""),
        "season": details.season,
        "steps": details.steps,
        "entrance": entrance,
        "directions": directions(site, place.name, *entrance) if entrance else [],
        "walks": site.districts_near(place.id),
        "walking_km_per_h": site.walking_km_per_h,
        "photo": place.id in now.city.photos,
        "photo_credit": place.row.get("photo_credit") or "",
        "facilities": details.facility_counts,
        "direct_line": now.city.catalog.direct_line,
        "tell_text": " · ".join(filter(None, (place.name, place.area))),
        "tell_at": f"{entrance[1]}, {entrance[0]}" if entrance else "",
    }


def _profile(site: Site, place: ListedFeature) -> dict[str, Any]:
    label = fill(site.say(N_("Elevation profile of {name}")), {"name": place.name})
    return {
        "profile": site.trail(place.id).profile,
        "profile_label": label,
        "profile_color": site.city.entry(place.layer).style.color,
    }


def directions(site: Site, name: str, lon: float, lat: float) -> list[dict[str, str]]:
    """Return the addresses that hand a place over to map applications."""
    # KakaoMap cuts a name at the comma, which separates the coordinates.
    called = quote(name.replace(",", " "), safe="")
    target = urlencode({"dlat": lat, "dlng": lon, "dname": name, "appname": "maenballo"})
    return [
        {
            "name": site.say(N_("KakaoMap")),
            "url": f"https://map.kakao.com/link/to/{called},{lat},{lon}",
        },
        {"name": site.say(N_("Naver Map")), "url": f"nmap://route/walk?{target}"},
        {
            "name": site.say(N_("Map of this phone")),
            "url": f"geo:{lat},{lon}?q={lat},{lon}({called})",
            "id": "own-map",
        },
    ]


def _file(
    id_: str, suffix: str, mimetype: str, write: Callable[[list[Layer], WriteOptions], bytes]
) -> Response:
    now = edition()
    city, place = now.city, _place(now.site, id_)
    layers = [Layer(city.entry(place.layer), city.layers[place.layer].loc[[id_]], "")]
    beside = city.layer_of(Role.FACILITIES)
    own = None if beside is None else city.layers[beside]
    if beside is not None and own is not None and (own["trail"] == id_).any():
        layers.append(Layer(city.entry(beside), own[own["trail"] == id_], ""))

    def make() -> bytes:
        originals = find_originals(city.path / "gpx")
        return write(layers, WriteOptions(lang=now.lang, originals=originals))

    body = now.file(f"trails/{quote(id_)}.{suffix}", make, mimetype)
    return attachment(send(body, request), f"{id_}.{suffix}")
