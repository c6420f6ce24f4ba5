"""A city that an earlier version of this program has copied, brought to the newest layout."""

from __future__ import annotations

from mapserver.stores.addresses import StoreAddress
from mapserver.stores.connecting import (
    bound_transaction,
    connect,
    require_postgis,
    translate_store_errors,
)
from mapserver.stores.layout import find_city, upgrade_layout


def upgrade_city(address: StoreAddress) -> tuple[str, int, int]:
    """Bring a city in a database to the newest layout; what was edited stays.

    Parameters
    ----------
    address
        The database, with a role that owns the tables.

    Returns
    -------
    schema : str
        Of the city.
    before, now : int
        Versions of its layout.

    Raises
    ------
    StoreError
        There is no such city, or the role may not change it.
    """
    connection = connect(address)
    with translate_store_errors(address), connection, connection.cursor() as cursor:
        bound_transaction(cursor, 0)
        schema = find_city(cursor, address)
        require_postgis(cursor, address)
        before, now = upgrade_layout(cursor, schema)
    return schema, before, now
