"""Limits of cities that are kept in a database."""

from __future__ import annotations

from mapserver.settings.units import MIB

# -- Cities in a database --------------------------------------------------------------------------

STORE_CONNECT_S = 5
"""How long a database may take to answer a connection before it counts as away."""
STORE_STATEMENT_S = 60
"""How long the database may work on one statement of opening a city, such as reading a table."""
STORE_LOCK_S = 30
"""How long `mapserver load` waits for others who use the tables that it replaces."""
STORE_LOOK_S = 10
"""How long the database may take to say whether anything has changed."""
STORE_POLL_S = 1.0
"""How often a server asks the database for changes, beside being told: where nobody tells it."""
STORE_RETRY_S = (1.0, 2.0, 5.0)
"""When a database that was away is tried again; after the last of these, as often as that."""
STORE_REST_S = 0.2
"""How long nothing was edited before it is served: a transaction is whole when it is seen."""
STORE_PART_BYTES = 4 * MIB
"""A file of a city is kept in parts of this size: the database and we hold one at a time."""
MAX_STORE_FILE_BYTES = 512 * MIB
"""A file that the database keeps, beside the tables; a larger one is named and not carried."""
MAX_IDENTIFIER_BYTES = 63
"""The name of a table or column in PostgreSQL as UTF-8, which cuts longer ones silently."""
