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
def districts() -> Response:
    """List the districts; filters and order are in the address and work without JavaScript."""
    now = edition()
    if not now.site.places(Role.DISTRICTS):
        abort(404)
    area, sort = request.args.get("area", ""), request.args.get("sort", "")
    given = {
        "q": request.args.get("q", "").strip()[: limits.MAX_TYPED_LETTERS],
        "area": area if area in now.site.places(Role.NEIGHBORHOODS) else "",
        "sort": sort if sort in {"shops", "members"} else "",
    }
    address = f"districts/?{urlencode(given)}"
    page = now.page(
        address, "districts.html", lambda: _list(now.site, given), is_made_up=bool(given["q"])
    )
    return send_page(page)


@blueprint.get("/<path:id_>")
def district(id_: str) -> Response:
    """Show a district: map, shops by business type, what the certificate saves, trails nearby."""
    now = edition()
    place = now.site.places(Role.DISTRICTS).get(id_)
    if place is None:
        abort(404)
    kinds = {kind["value"] for kind in now.site.shops.count_categories(id_)}
    category = request.args.get("category", "")
    given = {
        "category": category if category in kinds else "",
        "onnuri": "1" if request.args.get("onnuri") == "1" else "",
    }
    address = f"districts/{quote(id_)}?{urlencode(given)}"
    return send_page(now.page(address, "district.html", lambda: _content(now.site, place, given)))


def _list(site: Site, given: dict[str, str]) -> dict[str, Any]:
    say = site.say
    every = list(site.places(Role.DISTRICTS).values())
    found = [
        place
        for place in every
        if all(make_search_pattern(word).search(place.names) for word in given["q"].split())
        and given["area"] in {"", place.area_id}
    ]
    ranks = rank_in({which: _most_first(site, which) for which in ("shops", "members")})
    if given["sort"]:
        found.sort(key=lambda place: ranks[place.id][given["sort"]])
    areas = [(p.id, p.name) for p in site.places(Role.NEIGHBORHOODS).values()]
    count = ShopCount.sum(site.shops.counts.values())
    return {
        "heading": site.heading(Role.DISTRICTS),
        "given": given,
        "found": found,
        "orders": ranks,
        "selects": [
            ("area", say(N_("Neighborhood")), [("", say(N_("All"))), *areas]),
            (
                "sort",
                say(N_("Order")),
                [
                    ("", say(N_("By name"))),
                    ("shops", say(N_("Most shops first"))),
                    ("members", say(N_("Most Onnuri shops first"))),
                ],
            ),
        ],
        "all": {
            "count": site.number(len(every)),
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


def _content(site: Site, place: ListedFeature, given: dict[str, str]) -> dict[str, Any]:
    count = site.shops.counts[place.id]
    return {
        "heading": site.heading(Role.DISTRICTS),
        "place": place,
        "given": given,
        "members": count.members_text(site.lang) if count.members else "",
        "rate": count.rate_text(site.lang, 0),
        "designated": dict(place.caption.rows).get(site.say(N_("Designated")), ""),
        "mix": site.shops.count_categories(place.id),
        "shops": site.shops.list_shops(place.id, given["category"], onnuri=bool(given["onnuri"])),
        "benefits": site.benefits,
        "walks": site.trails_near(place.id),
        "walking_km_per_h": site.walking_km_per_h,
    }
