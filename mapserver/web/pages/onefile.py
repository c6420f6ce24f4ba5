"""The map as one file: data, script and style inside; it opens from a USB stick and prints."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from mapserver.drawing import assets
from mapserver.model import ROLES, Role
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.rendering import Edition, edition
from mapserver.web.responses import attachment, send

blueprint = Blueprint("onefile", __name__)

STYLE = "onefile.css"
SCRIPT = "onefile.js"


@blueprint.get("/map.html")
def send_city() -> Response:
    """Send the map of the city as one file."""
    return _send_one_file(edition(), None)


@blueprint.get("/neighborhoods/<path:id_>.html")
def send_neighborhood(id_: str) -> Response:
    """Send the map of a neighbourhood as one file, shops included."""
    pages = edition()
    place = pages.site.places(Role.NEIGHBORHOODS).get(id_)
    if place is None:
        abort(404)
    return _send_one_file(pages, place)


def _send_one_file(pages: Edition, area: ListedFeature | None) -> Response:
    address = f"neighborhoods/{quote(area.id)}.html" if area else "map.html"
    page = pages.page(address, "onefile.html", lambda: _describe_file(pages, area))
    name = f"{pages.site.title} {area.name if area else ''}".strip()
    return attachment(send(page, request), f"{name}.html")


def _describe_file(pages: Edition, area: ListedFeature | None) -> dict[str, object]:
    from mapserver.drawing import maps  # noqa: PLC0415 -- folium; see web/warming

    site = pages.site
    shops = pages.city.layer_of(Role.SHOPS)
    # A city's shops would make the file too large for a messenger; a neighbourhood's do not.
    left_out = [shops] if shops and area is None else []
    public_map = maps.build_map(
        pages.city,
        lang=pages.lang,
        day=pages.day,
        area=None if area is None else area.id,
        web=maps.WebOptions(fetched=left_out, has_states=False),
    )
    texts = [assets.asset("days.js").text, pages.days.data.decode()]
    texts += [file.text for file in assets.list_planner_scripts()]
    texts += [maps.render_script(public_map), assets.asset(SCRIPT).text]
    # Inside an element, `</script` would end it; in a string or pattern the stroke changes nothing.
    script = _normalise_lines("\n;".join(texts)).replace("</", "<\\/")
    styles = [*assets.list_planner_styles(), assets.asset(STYLE)]
    style = _normalise_lines("\n".join(file.self_contained for file in styles))
    lists = []
    for role in _list_roles():
        places = list(site.places(role).values()) if area is None else site.places_in(role, area.id)
        if places:
            lists.append({"title": site.heading(role), "places": places})
    return {
        "area": area,
        "lists": lists,
        "style": Markup(style),  # noqa: S704 -- our own files
        "script": Markup(script),  # noqa: S704 -- our own files, and data that safe_json wrote
        "policy": f"default-src 'none'; img-src data:; script-src {_hash_source(script)}; "
        f"style-src {_hash_source(style)}",
        "shops_left_out": site.heading(Role.SHOPS) if left_out else "",
    }


def _list_roles() -> list[Role]:
    """List the roles whose features belong to a neighbourhood, those with pages first."""
    roles = [role for role in reversed(ROLES.values()) if role.row.names_neighborhood]
    return sorted(roles, key=lambda role: not role.row.has_pages)


def _normalise_lines(text: str) -> str:
    """Return a text as a browser reads it from a page, which is what the policy's hash is of."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _hash_source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
