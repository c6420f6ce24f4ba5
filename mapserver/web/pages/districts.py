"""Pages of shopping districts: the list with its filters, and a page for each with its shops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, abort, request

from mapserver.errors import N_
from mapserver.model import Role
from mapserver.settings import limits
from mapserver.web.pages.benefits import PAYMENT_WORDS
from mapserver.web.pages.listed import ListedFeature, has_all_words, rank_in
from mapserver.web.pages.members import ShopCount
from mapserver.web.pages.shop_lists import Shop, ShopFilter
from mapserver.web.pages.site import Site
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
    shops = pages.site.shops.list_shops(id_)
    chosen_shop = _find_shop(shops, request.args.get("shop", ""))
    shop_filter = _read_shop_filter(pages.site, id_, chosen_shop)
    asked = {
        "category": "" if shop_filter.kind is None else shop_filter.kind,
        "voucher": sorted(shop_filter.vouchers),
        "shop": chosen_shop.id if chosen_shop else "",
    }
    page = pages.page(
        f"districts/{quote(id_)}?{urlencode(asked, doseq=True)}",
        "district.html",
        lambda: (
            _describe_district(pages.site, place, shop_filter, chosen_shop)
            | {"kept_fields": _list_pairs(asked)}
        ),
        # One of many combinations, or of many shops.
        is_made_up=bool(chosen_shop or shop_filter.vouchers),
    )
    return send_page(page)


def _list_pairs(asked: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """List names and values that an address asks for, as a form carries them on.

    An empty business type is all types, which is not what an address without one shows.
    """
    return [
        (name, value)
        for name, values in asked.items()
        for value in ([values] if isinstance(values, str) else values)
        if value or name == "category"
    ]


def _find_shop(shops: list[Shop], wanted: str) -> Shop | None:
    """Find the shop that an address names by its id, or by its name; None where there is none."""
    by_id = next((shop for shop in shops if shop.id == wanted), None)
    return by_id or next((shop for shop in shops if shop.name == wanted), None)


def _read_shop_filter(site: Site, district: str, chosen_shop: Shop | None) -> ShopFilter:
    """Read which shops are asked for; what means nothing here is as if it were not there.

    An address that names no business type shows what one eats, or all where there is nothing to
    eat; an empty ``category`` is all types. A shop that it names is shown in any case.
    """
    types = site.shops.count_categories(district)
    values = [kind["value"] for kind in types]
    kind: str | None = request.args.get("category")
    if kind is None or kind not in {"", *values}:
        kind = values[0] if types and types[0]["is_food"] else None
    vouchers = frozenset(request.args.getlist("voucher")) & frozenset(site.shops.vouchers)
    if request.args.get("onnuri") == "1":  # as addresses of earlier pages have it
        vouchers = frozenset(site.shops.vouchers)
    shop_filter = ShopFilter(kind or None, vouchers)
    if chosen_shop is None or shop_filter.fits(chosen_shop):
        return shop_filter
    return ShopFilter(chosen_shop.kind)


def _describe_districts(site: Site, filters: dict[str, str]) -> dict[str, Any]:
    say = site.say
    places = list(site.places(Role.DISTRICTS).values())
    chosen = [
        place
        for place in places
        if has_all_words(place, filters["q"]) and filters["area"] in {"", place.area_id}
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
        "is_whole": not any(filters.values()),
        "orders": ranks,
        "selects": [
            ("area", say(N_("Choose a neighborhood")), [("", say(N_("All"))), *areas]),
            ("sort", say(N_("Order")), orders),
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


def _describe_district(
    site: Site, place: ListedFeature, shop_filter: ShopFilter, chosen_shop: Shop | None
) -> dict[str, Any]:
    count = site.shops.counts[place.id]
    shops = site.shops.list_shops(place.id)
    types = site.shops.count_categories(place.id)
    names = {kind["value"]: kind["name"] for kind in types}
    all_types = site.say(N_("All shops"))
    return {
        "heading": site.heading(Role.DISTRICTS),
        "place": place,
        "shop_filter": shop_filter,
        "chosen_shop": chosen_shop,
        "members": site.count_in_words(count.members_text(site.lang)) if count.members else "",
        "rate": count.rate_text(site.lang, 0),
        "designated": dict(place.caption.rows).get(site.say(N_("Designated")), ""),
        "types": types,
        "vouchers": [(kind, site.say(PAYMENT_WORDS[kind])) for kind in site.shops.vouchers],
        "shops": shops,
        "chosen_type": all_types if shop_filter.kind is None else names[shop_filter.kind],
        "fitting": sum(shop_filter.fits(shop) for shop in shops),
        "fitting_by_type": {
            kind["value"]: sum(
                ShopFilter(kind["value"], shop_filter.vouchers).fits(shop) for shop in shops
            )
            for kind in types
        },
        "fitting_without": sum(shop.answer == "no" and shop_filter.fits(shop) for shop in shops),
        "fitting_near_border": any(shop.near_border and shop_filter.fits(shop) for shop in shops),
        "left_out": sum(shop_filter.is_open_question(shop) for shop in shops),
        "benefits": site.benefits,
        "benefit_check": site.benefit_check,
        "walks": site.trails_near(place.id),
        "walking_km_per_h": site.walking_km_per_h,
    }
