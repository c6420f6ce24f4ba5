"""What everybody loads of a snapshot, made before the first visitor asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Flask

from mapserver.settings import limits
from mapserver.web.forking import import_unforked
from mapserver.web.pages.embed import render_bare
from mapserver.web.pages.front import front_page
from mapserver.web.rendering import editions
from mapserver.web.responses import Body
from mapserver.web.served_city import ServedCity

LATE_MODULES = ("mapserver.drawing.maps",)
"""What pages need and the first answers of a server do not: imported after its first workers were
forked, and before those that have the pages, which then share it."""


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
