"""The site on a hillside without signal: what a telephone installs, and what it keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request

from mapserver.drawing import assets
from mapserver.model import Role, encode
from mapserver.settings import limits, page_colors
from mapserver.web.addresses import addresses
from mapserver.web.asked import choose_language, page_languages
from mapserver.web.backdrop import find_backdrop
from mapserver.web.named_files import SCRIPT
from mapserver.web.pages.programmes import find_programmes
from mapserver.web.rendering import Edition, edition, send_page
from mapserver.web.responses import Body, send

blueprint = Blueprint("offline", __name__)

STYLES = ("site.css", "home.css", "board.css", "poster.css")
SCRIPTS = (
    "home.js",
    "focus.js",
    "trail.js",
    "board.js",
    "poster.js",
    "offline.js",
    "days.js",
    "help.js",
)
STATIC_SCRIPTS = ("filter.js",)
"""What a static site needs beside."""
STREETS = ("streets.js", "backdrop.js")
"""What a city with a backdrop of its own needs beside."""

ICONS = {"icon-192": (192, "any"), "icon-512": (512, "any"), "maskable-512": (512, "maskable")}


@blueprint.get("/manifest.<lang>.webmanifest")
def send_manifest(lang: str) -> Response:
    """Describe the site to a telephone that installs it."""
    pages = edition(choose_language(lang))
    title = pages.city.catalog.title.in_language(pages.lang)
    document = {
        "name": title,
        "short_name": title,
        "lang": pages.lang,
        "start_url": f"./{addresses().page('', pages.lang)}",
        "scope": "./",
        "display": "standalone",
        "background_color": page_colors.DAY["paper"],
        "theme_color": page_colors.DAY["paper"],
        "icons": list(_list_icons(pages)),
    }
    return send(Body(encode(document), "application/manifest+json"), request)


def _list_icons(pages: Edition) -> Iterator[dict[str, str]]:
    """List the icons of the site: footprints, or a way for a city that is not walked barefoot."""
    if not pages.city.is_barefoot:
        src = addresses().below_root(assets.asset("way.svg").url, pages.lang)
        yield {"src": src, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
        return
    for name, (size, purpose) in ICONS.items():
        src = addresses().below_root(assets.asset(f"icons/{name}.png").url, pages.lang)
        yield {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """Send the script that answers for the site when there is no signal."""
    lists = {lang: _list_kept(edition(lang)) for lang in page_languages()}
    # With the lists' own digest: a new program has other files for the same data.
    city_version = edition(choose_language()).city.version
    version = hashlib.sha256(encode([city_version, lists])).hexdigest()[:16]
    backdrop = find_backdrop(edition(choose_language()).city)
    no_signal = {lang: addresses().page("offline", lang) for lang in page_languages()}
    body = edition(choose_language()).file(
        "sw.js",
        lambda: render_template(
            "sw.js",
            version=version,
            kept=lists,
            offline=no_signal,
            backdrop=backdrop.name if backdrop and backdrop.is_kept_offline else "",
            limit_bytes=limits.MAX_OFFLINE_BYTES,
        ).encode(),
        SCRIPT,
    )
    return send(body, request)


@blueprint.get("/offline")
def show_offline() -> Response:
    """Show that there is no signal, and what can be read all the same."""
    return send_page(edition().page("offline", "offline.html", lambda: {}))


def _list_files(pages: Edition) -> list[str]:
    """List the files that no page names in its head, and those of which it names one of several."""
    icon = "favicon.svg" if pages.city.is_barefoot else "way.svg"
    icons = [f"icons/{name}.png" for name in ICONS] if pages.city.is_barefoot else []
    names = [assets.MAP_STYLE, assets.MAP_SCRIPT, *STYLES, *SCRIPTS, icon, *icons]
    names += STATIC_SCRIPTS if addresses().is_static else ()
    files = [addresses().below_root(assets.asset(name).url, "") for name in names]
    if find_backdrop(pages.city) is not None:
        files += [addresses().below_root(assets.asset(name).url, "") for name in STREETS]
    named = pages.files
    if named.shops_name and len(named.shops.data) <= limits.MAX_OFFLINE_SHOPS_BYTES:
        files.append(named.shops_name)
    return [*files, pages.days_name]


def _list_kept(pages: Edition) -> dict[str, Any]:
    """List what is kept in a language ahead of its being read: what comes first is kept first.

    Districts are many, and each is kept once it has been read; their shops are found by the search.
    """
    paths = ["", *(address for address, _ in pages.site.sections if address)]
    for role in (Role.TRAILS, Role.NEIGHBORHOODS):
        paths += [f"{role}/{quote(id_)}" for id_ in pages.site.places(role)]
    programmes = find_programmes(pages.site)[: limits.MAX_WHOLE_PROGRAMMES]
    paths += [f"help/{quote(programme.id)}" for programme in programmes]
    if pages.site.has_messages:
        paths.append("statistics")
    listed = [addresses().page(path, pages.lang) for path in paths]
    return {"pages": listed, "files": _list_files(pages)}
