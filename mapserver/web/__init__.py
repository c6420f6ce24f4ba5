"""The web server: an application factory, pages for people and an API for programs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from mapserver.model import ROLES
from mapserver.settings import Settings, limits
from mapserver.stores.addresses import read_address
from mapserver.web import (
    entrance,
    health,
    keeping,
    live,
    metrics,
    problems,
    ranges,
    static_files,
    templating,
    watching,
)
from mapserver.web.addresses import SiteApp
from mapserver.web.api import answering, open311, routes
from mapserver.web.api.routes import OPERATIONS
from mapserver.web.figures import Figures
from mapserver.web.modified import note_modified
from mapserver.web.pages import (
    board,
    cards,
    changes,
    districts,
    embed,
    features,
    front,
    help,
    neighborhoods,
    offline,
    onefile,
    searching,
    statistics,
    trail_list,
    trails,
)
from mapserver.web.rates import RateLimiter
from mapserver.web.security import (
    API_HEADERS,
    PART_HEADERS,
    PARTS_OF_PAGES,
    PREFLIGHT_HEADERS,
    list_security_headers,
)
from mapserver.web.shortcut import Shortcut
from mapserver.web.warming import ask_samples, warm_up

if TYPE_CHECKING:
    from mapserver.stores.postgis import PostgisStore
    from mapserver.web.pages import inspecting
    from mapserver.web.static_site import WrittenSite

__all__ = ["ask_samples", "create_app", "serve", "warm_up", "write_sheets", "write_site"]


def create_app(settings: Settings | None = None) -> Flask:
    """Make the Flask application of one city.

    Parameters
    ----------
    settings
        Where the city is and how it is served. By default they are read from the environment, and
        the application watches its folder itself, as any WSGI server wants it that is handed this
        function; our own server watches for all of its workers.

    Raises
    ------
    MapserverError
        The folder is no city, or a setting cannot work.
    """
    app = SiteApp("mapserver.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = limits.MAX_BODY_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    watches_itself = settings is None
    settings = settings or Settings.from_environment()
    settings.log_missing_credit()
    store, settings = _open_store(settings)
    served = live.Live(settings, store)
    app.extensions["mapserver"] = served
    templating.configure(app)
    for part in (
        front,
        trail_list,
        trails,
        districts,
        neighborhoods,
        help,
        board,
        statistics,
        changes,
        embed,
        offline,
        searching,
        onefile,
        cards,
        static_files,
        ranges,
        routes,
        open311,
        health,
        metrics,
    ):
        app.register_blueprint(part.blueprint)
    # Without a secret there is no such page, and nothing says that there could be one.
    if settings.secret_key:
        from mapserver.web.pages import inspecting  # noqa: PLC0415 -- most cities have no such page

        inspecting.install(app, settings.secret_key, _open_ledger(settings, store))
    for role in ROLES.values():
        if role.row.has_pages and role not in app.blueprints:
            app.register_blueprint(features.make_pages(role))
    app.before_request(lambda: note_modified(request.environ, served))
    problems.register(app)
    app.after_request(_secure)
    figures = Figures([rule.rule for rule in app.url_map.iter_rules()])
    app.extensions["mapserver-figures"] = figures
    rules = [
        (operation, f"/api{answering.write_rule(operation) or '/'}") for operation in OPERATIONS
    ]
    app.wsgi_app = shortcut = Shortcut(app.wsgi_app, served, rules)  # type: ignore[method-assign]  # as Flask documents
    app.extensions["mapserver-shortcut"] = shortcut
    limiter = RateLimiter(settings)
    app.extensions["mapserver-limiter"] = limiter
    entrance.install(app, shortcut.answer_quickly, settings.trusted_proxies, figures, limiter)
    if watches_itself:
        watcher = watching.Watcher(
            served,
            prepare=lambda snapshot: warm_up(app, snapshot),
            keep=partial(keeping.keep_served, served.settings),
        )
        watcher.start()
        app.extensions["mapserver-watcher"] = watcher  # it watches as long as somebody has it
    return app


def _open_store(settings: Settings) -> tuple[PostgisStore | None, Settings]:
    """Open the database of the city, if it is in one; the city is then a folder that follows."""
    if not settings.store:
        return None, settings
    from mapserver.stores.postgis import PostgisStore  # noqa: PLC0415 -- most cities are folders

    address = read_address(settings.store, "MAPSERVER_STORE")
    store = PostgisStore(address, large_rows=settings.large_rows)
    return store, replace(settings, city=store.folder)


def _open_ledger(settings: Settings, store: PostgisStore | None) -> inspecting.InspectionLedger:
    """Open what inspectors write into: the folder of the city, or its database.

    Raises
    ------
    SettingsError
        The role of the database may not write there.
    """
    if store is None:
        from mapserver.importing.inspection_rows import FolderLedger  # noqa: PLC0415 -- as above

        return FolderLedger(settings.city)
    from mapserver.importing.stored_inspections import StoreLedger  # noqa: PLC0415 -- as above

    ledger = StoreLedger(read_address(settings.store, "MAPSERVER_STORE"), store.schema)
    ledger.require_writable()
    return ledger


def _secure(response: Response) -> Response:
    """Add the headers of ordinary hygiene, and let other sites ask the API."""
    tile_origin = live.current().settings.tile_origin
    headers = response.headers
    # A policy is that of a document, a picture that may be one, or a worker: a script or a style
    # is bound by that of its page, and a first visit has ten of them.
    if response.mimetype in PARTS_OF_PAGES and request.path != "/sw.js":
        headers.update(PART_HEADERS)
        return response
    for name, value in list_security_headers(tile_origin, is_embedded=request.path == "/map"):
        headers[name] = value
    if request.path.startswith(("/api", "/open311")):
        more = PREFLIGHT_HEADERS if request.method == "OPTIONS" else ()
        for name, value in (*API_HEADERS, *more):
            headers[name] = value
    return response


def serve(settings: Settings, **options: Any) -> None:
    """Serve a city until the process is told to stop; see :func:`mapserver.web.server.serve`."""
    from mapserver.web import server  # noqa: PLC0415 -- an application needs no production server

    server.serve(settings, **options)


def write_site(settings: Settings, out: Path, **options: Any) -> WrittenSite:
    """Write the public site as files; see :func:`mapserver.web.static_site.write_site`."""
    from mapserver.web import static_site  # noqa: PLC0415 -- an application writes no files

    return static_site.write_site(settings, out, **options)


def write_sheets(settings: Settings, out: Path, lang: str) -> int:
    """Write the sheets of inspectors; see :mod:`mapserver.web.inspector_sheets`."""
    from mapserver.web import inspector_sheets  # noqa: PLC0415 -- an application writes no files

    return inspector_sheets.write_inspector_sheets(create_app(settings), settings, out, lang)
