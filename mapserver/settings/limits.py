"""Every limit that protects memory, time, a disk or a reader's attention, with its reason.

Modules read a limit as ``limits.MAX_FILE_BYTES`` when they need it, so it is changed in this one
place. The unit ends the name: bytes, seconds, or what is counted. Below each stands what it
protects and why it is so large; ``docs/limits.md`` is written from these lines by
``python scripts/write_limits.py``.

Numbers that judge data (how far a leap is a mistake) stand with their method, and so do sizes of
drawings. What operators choose for themselves is in :mod:`mapserver.settings`.
"""

from __future__ import annotations

KIB, MIB, GIB = 2**10, 2**20, 2**30

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

# -- Questions and searches ------------------------------------------------------------------------

MAX_K = 1_000
"""Nearest features of one point: a search keeps a list of them for each of its points."""
MAX_THREADS = 8
"""Threads of a search of many points: a larger machine keeps processors for other work."""
MAX_POINT_CELLS = 2**19
"""Cells of the index for one point, which bound its memory however large a layer is."""
MAX_CELLS_PER_RUN = 64
"""Cells of that index for each run of segments: more of them would make no answer quicker."""
MAX_CELL_PAIRS = 2**12
"""Pairs of a cell and a run of segments: a cell with more has no list, and is searched instead."""
MAX_EMPTY_RINGS = 32
"""Rings of empty cells that are counted beforehand for a search; it walks any others."""
MAX_AREA_CELLS = 2**23
"""Cells of the index of polygons, which bound its memory however large a layer is."""
MAX_AREA_STRIPS = 512
"""Strips that the edges of one polygon are sorted into, which bound the memory of a fine one."""
MAX_LINE_SAMPLES = 4_000
"""Places of a line at which two are compared: the time grows with the product of both numbers."""

# -- Filters ---------------------------------------------------------------------------------------

MAX_FILTER_BYTES = 8_000
"""A filter as UTF-8: whoever needs more, for a fine polygon, asks for its box."""
MAX_FILTER_LEVELS = 100
"""Parentheses, calls, NOTs, operators and brackets within each other: the parser calls itself."""
MAX_GEOMETRY_LEVELS = 5
"""Parentheses within each other of a geometry in a filter: polygons in a collection have five."""
MAX_FILTER_TERMS = 500
"""Conditions of a filter that AND and OR join in a row: the parser calls itself for each."""
MAX_FILTER_LIST_VALUES = 2_000_000
"""Values of a list in a filter, for all features: one of properties is made for each of them."""
MAX_FILTER_S = 3.0
"""Time of a processor for a filter: with 100,000 features one condition takes some milliseconds."""

# -- Requests --------------------------------------------------------------------------------------

MAX_BODY_BYTES = 16 * MIB
"""The body of a request as it is sent, announced or in chunks; `deploy/` has the same number."""
MAX_BODY_POINTS = 20_000
"""Points in a body: a worker answers them at once, and others wait for it meanwhile."""
MAX_BODY_COLUMNS = 500
"""Columns of a table in a body; tables of surveys have some tens."""
MAX_BODY_CELLS = 1_000_000
"""Cells of a table in a body (empty and missing ones too), or values of JSON: 60 bytes each."""
MAX_ANSWER_ROWS = 100_000
"""Rows of the answer to a body: points times the answers to each."""
MAX_ANSWER_BYTES = 64 * MIB
"""The answer to a body before it is compressed: each that waits takes its size of memory."""
DEFAULT_PAGE_ITEMS = 100
"""Features of a page of a collection that asks for no number: a screen or two of them."""
MAX_PAGE_ITEMS = 10_000
"""Features of a page of a collection; what asks for more gets so many, and a link to the next."""
MAX_FORM_FIELDS = 8
"""Properties that the form of a page of features offers, so that it fits a telephone's screens."""
MAX_CHOICE_VALUES = 30
"""Values of a property that is offered as a choice; what has more is asked for by the filter."""
MAX_NEAREST_ITEMS = 100
"""Answers of `/api/nearest` to a point; what asks for more gets so many."""
MAX_TYPED_LETTERS = 100
"""A search that is typed on a page, which repeats what was typed."""
MAX_LOGGED_PATH_LETTERS = 300
"""A path in the log of requests: whoever asks for long ones would fill the disk."""

# -- The server ------------------------------------------------------------------------------------

MAX_WORKERS = 4
"""Processes of the server unless `workers` says more: each takes some memory of its own."""
MAX_SET_WORKERS = 64
"""What `workers` may be set to: a slip of the hand must not fork thousands."""
WORKER_THREADS = 16
"""Threads of a worker that run Python: clients are waited for outside of them."""
MAX_BODIES_AT_ONCE = 8
"""Bodies that a worker reads at once: slow senders hold half of its threads, the others go on."""
RETRY_AFTER_S = 2
"""When to come again, for who is sent away because too many are sending just now."""
MAX_LIMITED_CLIENTS = 2**14
"""Clients whose requests are counted, in 128 kB: of more, those who asked least are forgotten."""
MAX_RATE_PER_S = 10_000
"""What `page_rate` and `api_rate` may be set to: no worker answers more."""
USUAL_BURST_S = 20
"""Seconds whose requests may come at once, unless a burst is set: one page loads some twenty."""
HEAD_TIMEOUT_MS = 10_000
"""How long a client may take to send the head of a request: silent ones hold a connection."""
MAX_CONNECTIONS = 4_096
"""Open connections of a worker, idle ones included, before others wait in the backlog."""
LISTEN_BACKLOG = 2_048
"""Connections that wait to be taken, as while workers are replaced."""
MIN_OPEN_FILES = 2 * MAX_CONNECTIONS
"""Files that a process asks the system for: one for each connection, as many for all else."""
STOP_WAIT_S = 8
"""How long requests in flight are waited for when the server stops: containers are given ten."""
RETIRE_GRACE_S = 0.5
"""How long a worker that takes no more connections still reads the questions of those it has."""
RETIRE_WAIT_S = 15
"""How long requests in flight are waited for when a worker gives way to a newer one."""
STILLBORN_S = 1.0
"""A worker that ends younger than this could not start, and the next one waits a while."""
START_WAIT_S = 30.0
"""How long a worker may take to start: one that hangs on a lock from before its fork never does."""
MAX_RESTART_PAUSE_S = 10.0
"""The longest wait before a worker that could not start is tried again."""
SERVER_TICK_S = 0.2
"""How often the parent looks after its workers."""
MAX_COUNTED_PROCESSES = 256
"""Processes that count requests side by side: workers, and old ones that still finish theirs."""

MAX_STALE_S = 60
"""How long caches may give an answer of the API while they ask for a newer one."""

# -- What the server keeps -------------------------------------------------------------------------

MAX_KEPT_PAGES_BYTES = 96 * MIB
"""Pages and files of the city that are kept; the number of its features bounds them as well."""
MAX_REMEMBERED_BYTES = 32 * MIB
"""Pages and files that are given before Flask; most of their bytes are those that are kept."""
MAX_REMEMBERED_ANSWERS_BYTES = 16 * MIB
"""Answers of the API to questions that are few, as for whole collections and single features."""
MAX_KEPT_DOWNLOADS_BYTES = 64 * MIB
"""Files of collections that are kept, so that the same file is not made twice."""
MAX_KEPT_TILES_BYTES = 32 * MIB
"""Vector tiles that are kept with their compressed twins, of all collections together."""
MAX_DOWNLOADS_AT_ONCE = 2
"""Files that a worker writes at once: each takes a core, and memory of several times its size."""
DOWNLOAD_PATIENCE_S = 10
"""How long who wants a file waits for others before he is asked to come again."""
MAX_KEPT_SEARCHES_BYTES = 16 * MIB
"""Kept pages that hold what a client has made up, which push out nothing but each other."""
MAX_OFFLINE_BYTES = 12 * MIB
"""What a telephone keeps of the site ahead, not compressed: a sixth of it is downloaded."""
MAX_OFFLINE_SHOPS_BYTES = 4 * MIB
"""Shops that a telephone keeps, not compressed: some 30,000; a longer list is read with signal."""
KEPT_OBJECT_BYTES = 1_000
"""What a kept page is counted with beside its bytes: its key and objects of Python."""
MAX_EDITIONS = 6
"""Editions that are kept: two languages, and the last ones for browsers that still load them."""
MAX_CHOSEN_DAYS = 4
"""Days beside today whose pages are prepared at once: anybody may ask for any day."""
EAGER_INDEX_FEATURES = 5_000
"""Layers of more features get an index when it is asked for: the newest state comes first."""
MIN_COMPRESSED_BYTES = 512
"""A smaller answer is sent as it is: it fits one packet, and compression would not be felt."""
MAX_SLOWLY_COMPRESSED_BYTES = 256 * KIB
"""A larger answer is compressed less well: the best takes 0.3 s for all shops, to save a tenth."""

# -- The folder that is watched --------------------------------------------------------------------

WATCH_EVERY_S = 0.1
"""How often the folder is looked at: a look costs some 0.4 ms."""
FOLDER_SETTLE_S = 0.2
"""How long a folder has not changed before it is opened, to see what is in it."""
FOLDER_REST_S = 1.8
"""How long a folder has not been seen to change before it is served: programs write in pieces."""
FOLDER_PATIENCE_S = 60.0
"""A folder that does not rest for so long is a failure, and is said in `/readyz`."""
REOPEN_AFTER_S = (2.0, 5.0, 15.0, 60.0)
"""When a folder that failed is tried again; after the last of these, as often as that."""
CONDITION_BYTES = 4 * KIB
"""Memory that processes share to say how the server is: a report and its longest reason."""
MAX_CONDITION_LETTERS = 600
"""The reason of a failure in that memory, where a letter takes six bytes at most."""
MAX_CONDITION_READINGS = 100
"""How often a report that is just being written is read again before the last one is taken."""
RELEASE_REST_S = 60.0
"""How long a state is served before it is kept as a release: edits in a row become one."""
MAX_SET_RELEASES = 500
"""Releases that may be kept: the page and the feed read what changed in each of them."""
MAX_RELEASES_BYTES = 2 * GIB
"""All releases together, each file counted once: they must not fill the disk."""

# -- Pages and maps --------------------------------------------------------------------------------

MAX_DRAWN_FEATURES = 5_000
"""A layer with more is served but not drawn on a map: a telephone would stall."""
MAX_MAP_ZOOM = 19
"""The last zoom level of maps: tile servers of the public have none beyond it."""
MAX_FULL_VERTICES = 10_000
"""A layer of more corners is thinned on maps, by less than can be seen."""
MAX_CARD_ROWS = 16
"""Rows of the card of a feature of a plain layer: more would not fit on a telephone."""
MAX_SHOWN_REASONS = 3
"""Reasons for which the state of a trail is not certain: the first ones are what to ask about."""
MAX_PROFILE_POINTS = 240
"""Points of a profile of heights: a finer line would not be seen on its drawing."""
DAYS_AHEAD = 400
"""Days that the table of states reaches: over a year, so that every season is in it."""

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

# -- The static site -------------------------------------------------------------------------------

MAX_SITE_FILES = 200_000
"""Files of a static site: a mistake in a city must not fill a disk."""
MAX_SITE_BYTES = 8 * GIB
"""Bytes of a static site: a mistake in a city must not fill a disk."""
MAX_FEED_SENTENCES = 20
"""Sentences of an entry of the feed of changes; the page has more."""
MAX_SITEMAP_ADDRESSES = 50_000
"""Addresses in one file of a site map, as sitemaps.org has it."""
MAX_FILE_NAME_BYTES = 120
"""An id that names a file; longer ones are cut, since file systems take 255 with all endings."""

# -- Files that are written, reports and figures ---------------------------------------------------

MIN_TILE_ZOOM = 8
"""The first zoom level of tiles, at which a district is a spot."""
MAX_TILE_ZOOM = 14
"""The last zoom level of tiles, in units of half a metre; viewers enlarge it."""
MAX_TILE_FEATURES = 5_000
"""Features of a layer in one tile; a layer with more begins at a larger zoom level."""
DBF_NAME_BYTES = 10
"""The name of a column in a shapefile, as dBASE has it; longer ones are cut and said."""
DBF_TEXT_BYTES = 254
"""A text in a shapefile, as dBASE has it; longer ones are cut and said."""
MAX_DBF_INTEGER = 10**17
"""Whole numbers in a shapefile: larger ones do not fit the field that GDAL makes."""
MAX_EXCEL_DIGITS = 15
"""Digits that Excel keeps of a number; it writes zeros for the others."""
MAX_EXACT_INTEGER = 2**53
"""Whole numbers up to this have all their digits as a decimal number, too."""
NOTEBOOK_TIMEOUT_S = 600
"""How long a notebook may run unless `--timeout` says another: one that hangs ends."""
PRINT_VIRTUAL_MS = 10_000
"""Time of its own that a page is given to draw its maps before it is printed."""
PRINT_TIMEOUT_S = 300
"""How long a browser may take to print a report: one that hangs must not hold it."""
MAX_NOTEBOOK_ERROR_LETTERS = 600
"""What a failed notebook says in the report: an error may quote a whole table."""
MAX_NOTEBOOK_ROWS = 60
"""Rows of a table that a notebook shows; the whole table is kept beside the report."""
MAX_FIGURE_SVG_BYTES = 400_000
"""A figure of more bytes is shown as PNG, so that a page of several opens soon."""
MAX_REPEATED_LINE_LETTERS = 400
"""A longer line of a map is stored once in a report, however many maps have it."""
MAX_PICTURE_NAMES = 150
"""With more areas a static map has no names: they take longest, and too many cannot be read."""
MAX_NAMED_LETTERS = 12
"""Letters without a font that a warning names; of more it says how many."""

# -- The terminal ----------------------------------------------------------------------------------

MAX_ALIKE_FINDINGS = 50
"""Findings of one kind that are listed; the rest is a number."""
MAX_CHECKED_IDS = 5
"""Ids that one finding of `check` names; after them it writes three points."""
MAX_TERMINAL_LINES = 30
"""Lines of a list on a terminal, which fit its window; of more it says how many."""
MAX_TERMINAL_NAMES = 6
"""Names on one line of a terminal; of more it says how many."""
MAX_WRITTEN_CHANGES = 20
"""Changes of one kind and thing that are written out; of more it says how many."""
