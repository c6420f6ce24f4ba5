"""Pages of shopping districts: the list with its filters, and a page for each with its shops."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, abort, request

from mapserver.errors import N_
from mapserver.model import Role
from mapserver.settings import limits
from mapserver.text.hangul import make_search_pattern
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.members import ShopCount
from mapserver.web.pages.site import Site
from mapserver.web.pages.trails import rank_in
from mapserver.web.rendering import edition, send_page

blueprint = Blueprint("districts", __name__, url_prefix="/districts")


@blueprint.get("/")
def show_districts() -> Response:
    """List the districts; filters and order are in the address and work without JavaScript."""
    pages = edition()
    if not pages.site.places(Role.DISTRICTS):
        abort(404)
    area, sort = request.args.get("area", ""), request.args.get("sort", "")
    filters = {
        "q": request.args.get("q", "").strip()[: limits.MAX_TYPED_LETTERS],
        "area": area if area in pages.site.places(Role.NEIGHBORHOODS) else "",
        "sort": sort if sort in {"shops", "members"} else "",
    }
    address = f"districts/?{urlencode(filters)}"
    page = pages.page(
        address,
        "districts.html",
        lambda: _describe_districts(pages.site, filters),
        is_made_up=bool(filters["q"]),
    )
    return send_page(page)


@blueprint.get("/<path:id_>")
def show_district(id_: str) -> Response:
    """Show a district: map, shops by business type, what the certificate saves, trails nearby."""
    pages = edition()
    place = pages.site.places(Role.DISTRICTS).get(id_)
    if place is None:
        abort(404)
    kinds = {kind["value"] for kind in pages.site.shops.count_categories(id_)}
    category = request.args.get("category", "")
    filters = {
        "category": category if category in kinds else "",
        "onnuri": "1" if request.args.get("onnuri") == "1" else "",
    }
    address = f"districts/{quote(id_)}?{urlencode(filters)}"
    return send_page(
        pages.page(address, "district.html", lambda: _describe_district(pages.site, place, filters))
    )


def _describe_districts(site: Site, filters: dict[str, str]) -> dict[str, Any]:
    say = site.say
    places = list(site.places(Role.DISTRICTS).values())
    chosen = [
        place
        for place in places
        if all(make_search_pattern(word).search(place.names) for word in filters["q"].split())
        and filters["area"] in {"", place.area_id}
    ]
    ranks = rank_in({which: _most_first(site, which) for which in ("shops", "members")})
    if filters["sort"]:
        chosen.sort(key=lambda place: ranks[place.id][filters["sort"]])
    areas = [(p.id, p.name) for p in site.places(Role.NEIGHBORHOODS).values()]
    count = ShopCount.add_up(site.shops.counts.values())
    orders = [("", say(N_("By name"))), ("shops", say(N_("Most shops first")))]
    if site.has_certificates:
        orders.append(("members", say(N_("Most Onnuri shops first"))))
    return {
        "heading": site.heading(Role.DISTRICTS),
        "given": filters,
        "found": chosen,
        "orders": ranks,
        "selects": [
            ("area", say(N_("Neighborhood")), [("", say(N_("All"))), *areas]),
            (
                "sort",
                say(N_("Order")),
                orders,
            ),
        ],
        "all": {
            "count": site.number(len(places)),
            "shops": site.number(count.shops),
            "members": "" if count.members is None else count.members_text(site.lang),
        },
    }


def _most_first(site: Site, which: str) -> list[str]:
    """Return the ids of the districts, those with most shops or members first."""
    # Where no shop says whether it takes Onnuri, a district comes last.
    counts = {
        id_: getattr(site.shops.counts[id_], which) or 0 for id_ in site.places(Role.DISTRICTS)
    }
    return sorted(counts, key=lambda id_: -counts[id_])


def _describe_district(site: Site, place: ListedFeature, filters: dict[str, str]) -> dict[str, Any]:
    count = site.shops.counts[place.id]
    return {
        "heading": site.heading(Role.DISTRICTS),
        "place": place,
        "given": filters,
        "members": count.members_text(site.lang) if count.members else "",
        "rate": count.rate_text(site.lang, 0),
        "designated": dict(place.caption.rows).get(site.say(N_("Designated")), ""),
        "mix": site.shops.count_categories(place.id),
        "shops": site.shops.list_shops(
            place.id, filters["category"], onnuri=bool(filters["onnuri"])
        ),
        "benefits": site.benefits,
        "walks": site.trails_near(place.id),
        "walking_km_per_h": site.walking_km_per_h,
    }
