"""What everybody loads of a snapshot, made before the first visitor asks for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import numpy as np
from flask import Flask
from werkzeug.test import create_environ

from mapserver.settings import limits
from mapserver.web.forking import import_unforked
from mapserver.web.pages.embed import render_bare
from mapserver.web.pages.front import front_page
from mapserver.web.rendering import editions
from mapserver.web.responses import Body
from mapserver.web.served_city import ServedCity

LATE_MODULES = ("mapserver.drawing.maps", "mapserver.drawing.share_card")
"""What pages need and the first answers of a server do not: imported after its first workers were
forked, and before those that have the pages, which then share it."""


SAMPLES = 4
"""Places in each direction about which the parent asks itself: 16 in all."""


def ask_samples(app: Flask) -> None:
    """Ask what programs ask, in the parent, so that workers share what the first answers make.

    That is not only what is kept of a snapshot, such as encoded features: Python and libraries
    write into their own memory when they do something for the first times, and each worker would
    have a copy of those pages.
    """
    answer = app.extensions["mapserver-shortcut"]
    snapshot = app.extensions["mapserver"].snapshot
    bounds = snapshot.city.bounds
    if bounds is None:
        return
    west, south, east, north = bounds
    steps = np.linspace(0.1, 0.9, SAMPLES)
    addresses = ["/", "/api/collections"]
    # What is asked of a database leaves nothing here.
    collections = [id_ for id_ in snapshot.features if id_ not in snapshot.city.data.large]
    for collection in collections:
        features, items = snapshot.features[collection], f"/api/collections/{collection}/items"
        addresses += [f"{items}?limit={limits.MAX_PAGE_ITEMS}"]
        addresses += [f"{items}/{quote(features.id_of(0))}"] if len(features) else []
    for lon, lat in itertools.product(
        west + steps * (east - west), south + steps * (north - south)
    ):
        addresses += [
            f"/api/{question}?lon={lon:.6f}&lat={lat:.6f}" for question in ("nearest", "locate")
        ]
        addresses += [
            f"/api/collections/{collection}/items?bbox={lon},{lat},{lon + 0.02},{lat + 0.02}"
            for collection in collections
        ]
    for address in addresses:
        # Below the entrance, which counts and writes down what visitors ask.
        environ = create_environ(address, "http://localhost/")
        for _ in answer(environ, lambda *_: bytes):
            pass


def warm_up(app: Flask, snapshot: ServedCity, *, is_due: Callable[[], bool] = bool) -> None:
    """Make what everybody loads of a snapshot, so that workers share it and no visitor waits.

    The snapshot need not be the one that is served: when its pages cannot be made, it never will.

    Parameters
    ----------
    app
        The application whose pages are made.
    snapshot
        What they are made of.
    is_due
        Whether the snapshot is waited for by now. Then indexes and compressed pages, which only
        save visitors a moment, are left to the workers: on a busy machine they cost seconds.
    """
    import_unforked(LATE_MODULES)
    bodies: list[Body] = []
    for layer in snapshot.features:
        snapshot.features[layer]  # made now, and shared by all workers
    with app.test_request_context():
        for lang in snapshot.city.catalog.page_languages:
            pages = editions().get(snapshot.city, lang, snapshot.city.today())
            bodies += (
                pages.script,
                pages.files.shops,
                pages.days,
                front_page(pages),
                render_bare(pages),
            )
    steps: list[Callable[[], object]] = [body.make_twins for body in bodies]
    steps.insert(0, partial(snapshot.city.build_indexes, most_features=limits.EAGER_INDEX_FEATURES))
    for save_a_moment in steps:
        if is_due():
            return
        save_a_moment()
