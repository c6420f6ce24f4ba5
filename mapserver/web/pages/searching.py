"""What search engines ask for: who may come in, and the addresses of all pages in each language."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Blueprint, Response, abort, request

from mapserver.model import ROLES
from mapserver.settings import limits
from mapserver.text.languages import LANGUAGES
from mapserver.web.live import current
from mapserver.web.pages.site import Site
from mapserver.web.rendering import edition, editions
from mapserver.web.responses import REVALIDATE_SOON, Body, send
from mapserver.web.site_map import write_site_map

blueprint = Blueprint("searching", __name__)


@blueprint.get("/robots.txt")
def send_robots() -> Response:
    """Let search engines in, and name the site map."""
    text = f"User-agent: *\nAllow: /\nSitemap: {_find_root()}/sitemap.xml\n"
    return send(
        Body(text.encode(), "text/plain; charset=utf-8", REVALIDATE_SOON, kept=False), request
    )


@blueprint.get("/sitemap.xml")
def send_site_map() -> Response:
    """List the pages of the city in each language, with the time of its data."""
    served = current()
    site = edition(next(iter(LANGUAGES))).site
    paths = list(list_searched(site))
    if site.has_messages:
        paths.append("statistics")
    if served.settings.releases is not None:
        paths.append("changes")
    languages = site.city.catalog.page_languages
    if len(paths) * len(languages) > limits.MAX_SITEMAP_ADDRESSES:
        abort(404)  # more than one file may list (sitemaps.org); the static site writes several
    twins = [
        {lang: f"{_find_root()}/{quote(path)}?lang={lang}" for lang in languages} for path in paths
    ]
    rows = [(place, each) for each in twins for place in each.values()]
    data = write_site_map(rows, served.snapshot.changed_at)
    return send(Body(data, "application/xml; charset=utf-8", REVALIDATE_SOON, kept=False), request)


def list_searched(site: Site) -> Iterator[str]:
    """List the paths of the pages that people look for: sections, and what they list."""
    yield from (path for path, _ in site.sections)
    for role in ROLES.values():
        if role.row.has_pages:
            yield from (f"{role}/{id_}" for id_ in site.places(role))


def _find_root() -> str:
    return editions().base_url or request.url_root.rstrip("/")
