"""Limits of what is read, and of a city that is changed."""

from __future__ import annotations

from mapserver.settings.units import GIB, KIB, MIB

# -- Files that are read ---------------------------------------------------------------------------

MAX_FILE_BYTES = 512 * MIB
"""A file with its parts, and what an archive unpacks to: a layer is held in memory as a whole."""
MAX_ARCHIVE_MEMBERS = 20_000
"""Files in an archive: a list of members without end takes memory before anything is unpacked."""
UNPACKED_PIECE_BYTES = MIB
"""What is unpacked at a time: an archive is stopped this soon after it has what it states."""
MAX_UNPACKED_BYTES = 2 * GIB
"""All that `add` unpacks of archives: it must not fill the disk for temporary files."""
MIN_FREE_BYTES = 8 * MIB
"""With less room on the disk, or less to be written, a failed writing is taken for a full disk."""
MAX_CITY_READINGS = 4
"""How often a folder that changes meanwhile is read before that is said instead of waited for."""
MAX_SETTINGS_BYTES = 100_000
"""The file of settings: a device or a pipe has no end, and each setting is one line."""
MAX_PHOTO_BYTES = 3_000_000
"""A photograph: a telephone on a hillside waits long enough for this."""
MAX_PHOTO_PIXELS = 50_000_000
"""Pixels of a photograph: a browser unpacks each to four bytes, so 200 MB."""

# -- The catalogue and layers ----------------------------------------------------------------------

MAX_CATALOG_BYTES = MIB
"""The catalogue, which is read into memory: its layers need some hundred bytes each."""
MAX_CATALOG_LAYERS = 500
"""Layers of a catalogue: each is a file that is looked for, and a city has some ten."""
MAX_CATALOG_DEPTH = 20
"""Brackets and dotted keys within each other: Python's reader of TOML calls itself for each."""
MAX_LAYER_FEATURES = 2_000_000
"""Features of a layer, which is held in memory as a whole."""
MAX_LAYER_VERTICES = 20_000_000
"""Corners of all features of a layer: each takes 16 bytes at least, so 320 MB."""
MAX_LAYER_CELLS = 40_000_000
"""Rows by columns of a layer: an empty cell takes memory, too, and nothing in the file."""
MAX_SQLITE_STEPS = 50_000_000
"""Instructions of SQLite that a view of a GeoPackage may take, about a second: some never end."""
MAX_KML_BYTES = 64 * MIB
"""A KML file, which is read into memory as a tree of many times its size."""
MAX_KML_ELEMENTS = 1_000_000
"""Elements of a KML file: each is an object of the tree, however short its text."""
MAX_KML_DEPTH = 100
"""Elements of a KML file within each other: readers call themselves for each level."""
OSM_HEAD_BYTES = 10_000
"""The beginning of a file that is searched for the marks of OpenStreetMap's formats."""
MAX_SHOWN_CRS = 8
"""Coordinate systems in the message on a file without one: nobody compares more."""

# -- Trails ----------------------------------------------------------------------------------------

MAX_WELFARE_LIST_BYTES = 64 * MIB
"""A national list of 10,000 services with their details has some 30 MB."""
MAX_RAIN_MM_PER_DAY = 900
"""Rain of a row; more is a code for no data (999.9). Korea's wettest day, of 2002, had 870.5 mm."""
MAX_GTFS_TABLE_BYTES = 256 * MIB
"""Lines, trips or stops of a GTFS: every row is held, and a country's 350,000 trips have 30 MB."""
MAX_GTFS_TIMES_BYTES = 4 * GIB
"""Times of a GTFS, which are read row after row: a country's 22 million rows have 1.5 GB."""
MAX_GTFS_RATIO = 100
"""How many times its size a file of a GTFS may unpack to: tables shrink to a tenth, bombs more."""
MAX_GTFS_LINE_LETTERS = 64 * KIB
"""A line of a GTFS: without an end it would fill the memory before it is a row."""
MAX_GTFS_PAIRS = 2_000_000
"""Stops of all lines of a GTFS: each becomes a row of a table; a country has 500,000."""
MAX_GPX_BYTES = 64 * MIB
"""A GPX file, which is read into memory: a byte of text takes up to four."""
MAX_GPX_POINTS = 2_000_000
"""Points of a GPX file: each takes some hundred bytes while it is read."""
MAX_GPX_DEPTH = 200
"""Elements of a GPX file within each other: readers call themselves for each level."""
MAX_GPX_TEXT_LETTERS = 20_000
"""A name or description of a GPX file: no more of it is read, so a page stays a page."""
GPX_CHUNK_LETTERS = 64 * KIB
"""The text of a GPX file that the parser gets at a time: it holds a second copy of it."""
MAX_GPX_ORIGINAL_BYTES = 16 * MIB
"""A GPX file that is read again for what has no column: an element for each point takes much."""
MAX_HEIGHT_JUMPS = 400
"""Jumps of the heights of a segment: with more nobody can say which are right, and all stay."""
MAX_NAMED_POINTS = 5
"""Points of a trail that a finding names one by one; of more it says how many."""

# -- Tables, sheets and texts ----------------------------------------------------------------------

MAX_TABLE_COLUMNS = 2_000
"""Columns of a table: a line of separators alone would make a million of them."""
MAX_SHEET_CELLS = 20_000_000
"""Cells of a sheet, empty ones included: one value in the last cell makes a sheet of 17 billion."""
SPARSE_SHEET_CELLS = 2_000_000
"""With more cells, not one in twenty of them filled, a sheet is a slip of the hand."""
SEARCHED_HEADER_ROWS = 40
"""Rows that are searched for the header: titles, notes and dates of issue stand above it."""
MAX_HEADER_ROWS = 4
"""Rows of a header with groups: more are rows of data that look like one."""
MAX_XLS_BYTES = 480 * MIB
"""Memory of the trial of an old workbook: Python, the reader, and 65,536 rows of 100 columns."""
MAX_XLS_CPU_S = 15
"""Time of a processor for the trial of an old workbook; a large one takes three seconds."""
MAX_XLS_S = 60
"""Time of the clock for the trial of an old workbook, on a machine that is busy with others."""
MAX_SHOWN_CELLS = 5
"""Cells of a sheet that a finding names; of more it says how many."""
MAX_SHOWN_ROWS = 5
"""Rows of a sheet that a finding names; of more it says how many."""
MAX_WEIGHED_BYTES = 200_000
"""Text that is read in every encoding to find the right one."""
MAX_SEARCHED_BYTES = 20_000_000
"""Text of one file that is searched for letters beyond ASCII."""
UTF16_SEARCHED_BYTES = 100_000
"""The beginning of a text whose zeros are counted: they tell UTF-16 from other encodings."""
MAX_SHOWN_READINGS = 5
"""Lines or encodings that a message on an unclear text lists."""
MAX_REMEMBERED_TEXTS = 4_096
"""Dates, seasons and words whose meaning is remembered: registers repeat the same few."""
MAX_REASON_LETTERS = 300
"""What a library says of a file, in a finding: it may quote the whole of the file."""

# -- A city that is changed ------------------------------------------------------------------------

LOCK_WAIT_S = 30.0
"""How long `add` waits for another program that is changing the city."""
LOCK_POLL_S = 0.05
"""How often it looks whether the other is done."""
MAX_NAMED_FILES = 12
"""Files that one finding of `add` names; of more it says how many."""
MAX_NAMED_ROWS = 12
"""Rows that one finding of `add` names; of more it says how many."""
MAX_NAMED_IDS = 5
"""Ids that one message of `add` names; of more it says how many."""
MAX_NAMED_STANDING = 3
"""Files in the city that one message of `add` names; of more it says how many."""

# -- A backdrop of one's own -----------------------------------------------------------------------

MAX_BASEMAP_BYTES = 512 * MIB
"""A larger `basemap.pmtiles` is not used: it is digested when read; a district takes 10 MB."""
MAX_BASEMAP_DIRECTORY_BYTES = 4 * MIB
"""Root directory and description of a `basemap.pmtiles`, unpacked: a bomb must not fill memory."""
MAX_BASEMAP_ENTRIES = 100_000
"""Entries of its root directory: writers put some 4,000 there, which fit its 16 kB."""
MAX_BASEMAP_ZOOM = 24
"""Zoom levels of a `basemap.pmtiles`: beyond it a tile is smaller than a metre."""
MAX_CREDIT_LETTERS = 1_000
"""The credit that a `basemap.pmtiles` has of itself, with its markup."""
MAX_BASEMAP_ANSWER_BYTES = 16 * MIB
"""Bytes of a backdrop in one answer, held in memory; a larger range gets its beginning."""
MAX_OFFLINE_BASEMAP_BYTES = 10 * MIB
"""A backdrop that a telephone keeps whole: it is downloaded once, beside all else."""

# -- Points that are joined, from Parquet to Parquet -----------------------------------------------

JOIN_BATCH_ROWS = 1_000_000
"""Rows that a thread of a join reads, answers and writes together: some 200 bytes each."""
# The more of them, the nearer are neighbours in space, and the seldomer is each text written: with
# half as many, a hundred million points in no order take a sixth longer. Of each its
# distance, place and bearing are held.
JOIN_BATCH_ANSWERS = 700_000
"""Nearest features that a thread holds together: with many a point a batch has fewer points."""
JOIN_BATCH_BYTES = 64 * MIB
"""What the columns of such a batch unpack to: with long rows a batch has fewer of them."""
MIN_JOIN_BATCH_ROWS = 1_000
"""Rows of a batch however long they are: fewer would be a group of the file for a row or two."""
JOIN_READ_BYTES = MIB
"""What a join reads of a column at a time."""
JOIN_DICTIONARY_BYTES = 32 * MIB
"""Distinct texts of a column of answers in a group of rows: ids and names of all of a layer."""
JOIN_SAMPLE_ROWS = 10_000
"""Rows of the first file that are looked at before a join begins: degrees may be metres."""
JOIN_HEAD_BYTES = 4096
"""What is read of a file that is no Parquet, to tell what it is: a line of headings fits in."""
JOIN_MANIFEST_S = 2.0
"""How often a join writes its manifest while it runs; that of 100,000 parts has some 30 MB."""
MAX_JOIN_PARTS = 100_000
"""Files of points of a join: each is opened before it begins, and has a line in its manifest."""
MAX_PARQUET_FOOTER_BYTES = 256 * MIB
"""The footer of a Parquet file, which is read into memory: one of 10,000 groups has some 20 MB."""
MAX_NAMED_COLUMNS = 20
"""Columns of a file that a message names; of more it says how many."""
MAX_PART_DEATHS = 3
"""How often a part goes to another worker when one dies over it: it may be the part's fault."""
SCHEDULER_WAIT_S = 10.0
"""How long a join waits for the first answer of a scheduler at an address."""
PROGRESS_EVERY_S = 0.25
"""How often a join shows how far it is: nobody reads faster, and a notebook keeps each message."""
JOIN_WAKE_S = 0.2
"""How often a join that waits for its threads looks whether the user has interrupted it."""
