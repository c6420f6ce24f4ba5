"""The site on a hillside without signal: what a telephone installs, and what it keeps."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request

from mapserver.drawing import assets
from mapserver.model import Role, encode
from mapserver.text import language
from mapserver.web.addresses import addresses
from mapserver.web.rendering import SCRIPT, Edition, edition, send_page
from mapserver.web.responses import Body, send

blueprint = Blueprint("offline", __name__)

STYLES = ("page.css", "site.css", "board.css", "poster.css")
SCRIPTS = (
    "page.js",
    "focus.js",
    "trail.js",
    "board.js",
    "poster.js",
    "offline.js",
    "kept.js",
)
STATIC_SCRIPTS = ("days.js", "filter.js")
"""What a static site needs beside."""

ICONS = {"icon-192": (192, "any"), "icon-512": (512, "any"), "maskable-512": (512, "maskable")}
CLAY, GROUND = "#8f3a17", "#f7f1e8"


@blueprint.get("/manifest.<lang>.webmanifest")
def manifest(lang: str) -> Response:
    """Describe the site to a telephone that installs it."""
    now = edition(lang if lang in language.LANGUAGES else language.DEFAULT)
    title = now.city.catalog.title.in_language(now.lang)
    document = {
        "name": title,
        "short_name": title,
        "lang": now.lang,
        "start_url": f"./{addresses().page('', now.lang)}",
        "scope": "./",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": CLAY,
        "icons": [
            {
                "src": addresses().below_root(assets.asset(f"icons/{name}.png").url, now.lang),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, (size, purpose) in ICONS.items()
        ],
    }
    return send(Body(encode(document), "application/manifest+json"), request)


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """Send the script that answers for the site when there is no signal."""
    kept = {lang: _kept(edition(lang)) for lang in language.LANGUAGES}
    version = hashlib.sha256(encode([edition(language.DEFAULT).city.version, kept])).hexdigest()[
        :16
    ]
    no_signal = {lang: addresses().page("offline", lang) for lang in language.LANGUAGES}
    now = edition(language.DEFAULT)
    body = now.file(
        "sw.js",
        lambda: render_template("sw.js", version=version, kept=kept, offline=no_signal).encode(),
        SCRIPT,
    )
    return send(body, request)


@blueprint.get("/offline")
def offline() -> Response:
    """Show that there is no signal, and what can be read all the same."""
    return send_page(edition().page("offline", "offline.html", lambda: {}))


def _files() -> list[str]:
    names = [*assets.MAP_STYLES, *assets.MAP_SCRIPTS, *STYLES, *SCRIPTS, "favicon.svg"]
    names += STATIC_SCRIPTS if addresses().is_static else ()
    return [addresses().below_root(assets.asset(name).url, "") for name in names]


def _kept(now: Edition) -> dict[str, Any]:
    """List what is kept in a language: pages, and the files that they load."""
    trails = now.site.places(Role.TRAILS)
    pages = ["", "offline", *(address for address, _ in now.site.sections if address)]
    pages += [f"trails/{quote(id_)}" for id_ in trails]
    files = [*_files(), *filter(None, [now.days_name])]
    return {"pages": [addresses().page(page, now.lang) for page in pages], "files": files}
