"""The situation board: every district, its mix of shops, by neighbourhood and zone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
from flask import Blueprint, Response, abort, request

from mapserver.analysis import shops as shop_analysis
from mapserver.drawing.shop_counts import count_shops
from mapserver.errors import N_, fill
from mapserver.model import Role
from mapserver.text import language
from mapserver.web.pages.check_board import describe_check_board
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.members import UNKNOWN, ShopCount
from mapserver.web.pages.site import Site
from mapserver.web.pages.statistics import describe_latest_month
from mapserver.web.rendering import Edition, edition, send_page

blueprint = Blueprint("board", __name__)

MEASURES = {True: "membership_rate", False: "shops"}
"""What colours the map, by whether the shops say if they take Onnuri."""


@blueprint.get("/board")
def show_board() -> Response:
    """Show the board, with one neighbourhood in focus when the address names it."""
    pages = edition()
    if not pages.site.has_board:
        abort(404)
    area = request.args.get("area", "")
    filters = {"area": area if area in pages.site.places(Role.NEIGHBORHOODS) else ""}
    page = pages.page(
        f"board?{urlencode(filters)}", "board.html", lambda: _describe_board(pages, filters["area"])
    )
    return send_page(page)


def _describe_board(pages: Edition, area: str) -> dict[str, Any]:
    site, city = pages.site, pages.city
    shops, districts = city.shops, city.districts
    count = site.shops.city_count
    focus = site.places(Role.NEIGHBORHOODS).get(area)
    has_members = site.shops.has_members
    districts_shown = (
        site.places(Role.DISTRICTS).values()
        if focus is None
        else site.places_in(Role.DISTRICTS, area)
    )
    return {
        "board_script": pages.coloured_name(MEASURES[has_members]),
        "known": has_members,
        "neighborhoods_layer": city.layer_of(Role.NEIGHBORHOODS),
        "figures": [
            (site.number(count.shops), site.say(N_("Shops"))),
            *(_list_member_figures(site, count) if site.has_certificates else []),
            (_list_associations(site, districts), site.say(N_("Associations"))),
            (site.number(len(site.places(Role.DISTRICTS))), site.say(N_("Shopping districts"))),
        ],
        "messages": describe_latest_month(site),
        "zones": _count_areas(site, Role.ZONES) if shops is not None else [],
        "areas": _count_areas(site, Role.NEIGHBORHOODS) if shops is not None else [],
        "focus": focus,
        "focus_figures": _describe_focus(site, focus),
        "districts": _count_districts(site, list(districts_shown)),
        "mix": _count_mix(site, focus),
        "check_board": describe_check_board(site),
    }


def _count_areas(site: Site, role: Role) -> list[dict[str, Any]]:
    """Return the figures of each area, the highest membership rate first."""
    layer = site.city.layer_of(role)
    if layer is None or (counted := count_shops(site.city, site.city.layers[layer])) is None:
        return []
    order = MEASURES[site.shops.has_members]
    # Equal rates keep the order of the layer, so the board is the same for the same data.
    counted = counted.sort_values(order, ascending=False, kind="stable")
    districts = pd.Series([place.area_id for place in site.places(Role.DISTRICTS).values()])
    rows = []
    for id_, row in counted.iterrows():
        count = ShopCount.from_row(row)
        rows.append(
            {
                "place": site.places(role)[str(id_)],
                "districts": site.number(int((districts == str(id_)).sum())),
                "shops": site.number(count.shops),
                "count": count,
                "members": count.members_text(site.lang),
                "rate": count.rate_text(site.lang),
                "percent": None if count.rate is None else round(100 * count.rate, 1),
            }
        )
    return rows


def _count_districts(site: Site, places: list[ListedFeature]) -> list[dict[str, Any]]:
    rows = []
    for place in places:
        count = site.shops.counts[place.id]
        rows.append(
            {
                "place": place,
                "association": place.row.get("association") or "",
                "shops": site.number(count.shops),
                "members": count.members_text(site.lang),
                "rate": count.rate_text(site.lang),
                "order": -count.shops,
            }
        )
    return sorted(rows, key=lambda row: row["order"])


def _describe_focus(site: Site, focus: ListedFeature | None) -> list[tuple[str, str]]:
    if focus is None:
        return []
    rows = {row["place"].id: row for row in _count_areas(site, Role.NEIGHBORHOODS)}
    row = rows.get(focus.id)
    if row is None:
        return []
    return [
        (row["shops"], site.say(N_("Shops"))),
        *(_list_member_figures(site, row["count"]) if site.has_certificates else []),
        (row["districts"], site.say(N_("Shopping districts"))),
    ]


def _list_member_figures(site: Site, count: ShopCount) -> list[tuple[str, str]]:
    """Return how many shops take certificates, and their share, each with its label."""
    return [
        (count.members_text(site.lang), site.say(N_("Taking Onnuri"))),
        (count.rate_text(site.lang), _rate_label(site, count)),
    ]


def _count_mix(site: Site, focus: ListedFeature | None) -> list[dict[str, Any]]:
    """Count by business type, in the whole city or in the neighbourhood in focus."""
    shops, areas = site.city.shops, site.city.neighborhoods
    if shops is None:
        return []
    if focus is not None and areas is not None:
        shops = shops[shop_analysis.assign(shops, areas) == focus.id]
    counted = shop_analysis.mix(shops)
    # A city without shops has no shares, and nothing is divided by zero.
    total = max(int(counted["shops"].sum()), 1)
    largest = max(int(counted["shops"].max()), 1) if len(counted) else 1
    return [
        {
            "name": language.word(row["category"], site.lang) or site.say(N_("Type unknown")),
            "shops": site.number(row["shops"]),
            "share": language.percent(row["shops"] / total, site.lang, 1),
            "bar": round(100 * row["shops"] / largest, 1),
        }
        for row in counted.to_dict("records")
    ]


def _list_associations(site: Site, districts: pd.DataFrame | None) -> str:
    if districts is None or "association" not in districts:
        return UNKNOWN
    return site.number(int(districts["association"].dropna().nunique()))


def _rate_label(site: Site, count: ShopCount) -> str:
    """Describe the rate, and how many shops it is without."""
    label = site.say(N_("Membership rate"))
    if count.rate is None or not count.unknown:
        return label
    without = site.say(N_("without {count} shops that do not say"))
    return f"{label} ({fill(without, {'count': site.number(count.unknown)})})"
