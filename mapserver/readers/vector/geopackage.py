"""GeoPackage views, which may go on for ever: looked at before GDAL reads them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.readers.vector.source import MAX_FEATURES

MOST_STEPS = 50_000_000
"""Instructions of SQLite's machine that a view may take, about a second."""


def require_finite(path: Path, layer: str, name: str) -> None:
    """Refuse a layer that is a view of which the rows do not come to an end.

    Raises
    ------
    DataError
        It has more rows than can be served, or takes too long to count.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        database.text_factory = bytes  # names and values are as the file has them
        kind = database.execute(
            "SELECT type FROM sqlite_master WHERE name = ? COLLATE NOCASE", (layer,)
        ).fetchone()
        if kind != (b"view",):
            return
        # A recursive view can go on without an end. SQLite calls the handler after that many
        # instructions and stops when it returns something true.
        database.set_progress_handler(lambda: 1, MOST_STEPS)
        quoted = layer.replace('"', '""')
        # The inner LIMIT ends the count one row after the limit is exceeded.
        rows = f'SELECT count(*) FROM (SELECT 1 FROM "{quoted}" LIMIT {MAX_FEATURES + 1})'  # noqa: S608
        try:
            (count,) = database.execute(rows).fetchone()
        except sqlite3.OperationalError:
            count = MAX_FEATURES + 1
    if count > MAX_FEATURES:
        raise DataError(
            N_("the view {layer} has too many rows, or takes too long"),
            where=name,
            mend=N_("Export the layer again, as a table"),
            layer=repr(layer),
        )
