"""GeoPackage views, which may go on for ever: looked at before GDAL reads them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.settings import limits


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
        database.set_progress_handler(lambda: 1, limits.MAX_SQLITE_STEPS)
        quoted = layer.replace('"', '""')
        # The inner LIMIT ends the count one row after the limit is exceeded.
        rows = (
            f'SELECT count(*) FROM (SELECT 1 FROM "{quoted}" LIMIT {limits.MAX_LAYER_FEATURES + 1})'  # noqa: S608
        )
        try:
            (count,) = database.execute(rows).fetchone()
        except sqlite3.OperationalError:
            count = limits.MAX_LAYER_FEATURES + 1
    if count > limits.MAX_LAYER_FEATURES:
        raise DataError(
            N_("the view {layer} has too many rows, or takes too long"),
            where=name,
            mend=N_("Export the layer again, as a table"),
            layer=repr(layer),
        )
