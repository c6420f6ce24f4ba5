"""A city in PostGIS as a folder that follows it."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path

from mapserver.model import CityData
from mapserver.readers.city_folder import read_city
from mapserver.settings import limits
from mapserver.stores.addresses import StoreAddress
from mapserver.stores.checkout import Checkout
from mapserver.stores.connecting import bound_transaction, connect, translate_store_errors
from mapserver.stores.layout import compose, find_city, require_layout
from mapserver.stores.replacing import require_postgis


class PostgisStore:
    """A city in a database, with a folder of this process that is kept equal to it.

    Parameters
    ----------
    address
        The database.

    Attributes
    ----------
    label
        The address as it may be shown.
    folder
        A city folder; it goes when nobody has this any more.

    Raises
    ------
    StoreError
        The database does not let us in, or has no such city.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._address = address
        connection = connect(address)
        with translate_store_errors(address), connection, connection.cursor() as cursor:
            bound_transaction(cursor, limits.STORE_STATEMENT_S, reads=True)
            self.schema = find_city(cursor, address)
            require_layout(cursor, self.schema, address)
            require_postgis(cursor, address)
            cursor.execute(compose("SELECT name FROM {schema}._city", schema=self.schema))
            [name] = cursor.fetchone() or ("",)
            place = tempfile.mkdtemp(prefix="maenballo-")
            # A worker that is forked from this process must not remove what others read.
            self._finalizer = weakref.finalize(self, _remove_folder, place, os.getpid())
            self.folder = Path(place, Path(name).name or "city")
            self.folder.mkdir()
            self._checkout = Checkout(self.folder)
            self._checkout.update(cursor, self.schema)
        with_schema = f"{address.label.partition('?')[0]}?schema={self.schema}"
        self.label = with_schema

    def read(self, earlier: CityData | None = None) -> CityData:
        """Read the city from the folder, as it was when the folder was last made equal."""
        data = read_city(self.folder, earlier=earlier)
        return replace(data, label=self.label, keeper=self)


def _remove_folder(place: str, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(place, ignore_errors=True)
