"""Pages of a role that has no module of its own: a list of its features, and a page for each."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort

from mapserver.model import Role
from mapserver.web.rendering import edition, send_page


def make_pages(role: Role) -> Blueprint:
    """Make the pages of a role, below an address that is its id.

    Parameters
    ----------
    role
        A role that ``has_pages``.
    """
    blueprint = Blueprint(str(role), __name__, url_prefix=f"/{role}")

    @blueprint.get("/")
    def show_list() -> Response:
        """List the features by name."""
        pages = edition()
        places = list(pages.site.places(role).values())
        if not places:
            abort(404)
        content = {"heading": pages.site.heading(role), "role": role, "places": places}
        return send_page(pages.page(f"{role}/", "features.html", lambda: content))

    @blueprint.get("/<path:id_>")
    def show_feature(id_: str) -> Response:
        """Show a feature: its map, and what its card says."""
        pages = edition()
        place = pages.site.places(role).get(id_)
        if place is None:
            abort(404)
        content = {"heading": pages.site.heading(role), "role": role, "place": place}
        return send_page(pages.page(f"{role}/{quote(id_)}", "feature.html", lambda: content))

    return blueprint
