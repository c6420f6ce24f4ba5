"""The API's routes: one for each operation, from the modules that answer them."""

from __future__ import annotations

from flask import Blueprint

from mapserver.web.api import (
    answering,
    collections,
    description,
    functions,
    items,
    landing,
    large_layers,
    queries,
    schemas,
    statistics,
    tiles,
)

OPERATIONS = description.add_description(
    *landing.OPERATIONS,
    *large_layers.add_large_answers(
        (
            *collections.OPERATIONS,
            *schemas.OPERATIONS,
            *functions.OPERATIONS,
            *items.OPERATIONS,
            *tiles.OPERATIONS,
            *queries.OPERATIONS,
            *statistics.OPERATIONS,
        )
    ),
)
"""Everything that the API can be asked, in the order of its description."""

blueprint = Blueprint("api", __name__, url_prefix="/api")
answering.register(blueprint, OPERATIONS)
