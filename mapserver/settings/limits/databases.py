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
MAX_NAMED_ROWS = 5
"""Rows of a table that a finding names by their ids, of all that have the same fault."""
MAX_IDENTIFIER_BYTES = 63
"""The name of a table or column in PostgreSQL as UTF-8, which cuts longer ones silently."""

# -- Layers that stay in the database --------------------------------------------------------------

LARGE_PATIENCE_S = 2.0
"""How long a question waits for a connection before its answer is 503."""
LARGE_STATEMENT_S = 5.0
"""How long the database may work on a question about a large layer before its answer is 503."""
LARGE_REST_S = 1.0
"""After a database did not answer, questions are refused at once for so long."""
LARGE_CALM_S = 5.0
"""A database that has not failed for so long answers again: one line of the log an outage."""
LARGE_CONNECTIONS = 4
"""Connections of one worker to the database: four workers take 16 of the usual 100."""
LARGE_WAITING = 32
"""Questions of one worker that wait for a connection; further ones get 503 at once."""
MAX_LARGE_CANDIDATES = 20_000
"""Features of a large layer that are looked at here, where the database cannot say which match."""
MIN_LARGE_TILE_ZOOM = 10
"""Tiles of large layers begin here: one of a lower level would hold too many features."""
MAX_LARGE_TILE_FEATURES = 50_000
"""Features of one tile of a large layer; one with more is refused and never cut silently."""
MAX_SET_LARGE_ROWS = 10_000_000
"""Rows of a layer that an operator may have read into memory: some ten gigabytes."""
LARGE_ANCHOR_ROWS = 1000
"""Of every so many rows of a large layer the place is kept: no page passes over more by one."""
MAX_PAGE_KEYS = 2000
"""Pages of one question of which the beginning is remembered, until the layer is edited."""
MAX_PAGED_QUESTIONS = 64
"""Questions about a large layer of which pages and counts are remembered, by each worker."""
MAX_FLAWED_ROWS = 1000
"""Rows of a large layer that are served without their place; with more, the layer is not served."""
LARGE_IDLE_S = 30.0
"""After so long a connection that nobody has needed is closed: a database has few of them."""
