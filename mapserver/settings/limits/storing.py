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
STORE_PART_BYTES = 4 * MIB
"""A file of a city is kept in parts of this size: the database and we hold one at a time."""
MAX_STORE_FILE_BYTES = 512 * MIB
"""A file that the database keeps, beside the tables; a larger one is named and not carried."""
MAX_IDENTIFIER_BYTES = 63
"""The name of a table or column in PostgreSQL as UTF-8, which cuts longer ones silently."""
