"""Limits of questions, filters and requests, and of the server."""

from __future__ import annotations

from mapserver.settings.units import GIB, KIB, MIB

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
MAX_PATCHES = 2**15
"""Squares in which a projection is a polynomial, 256 bytes each: Korea takes 5,000 of 10 km."""
MAX_INDEX_BYTES = 16 * GIB
"""A file of an index: a country of 100,000 trails takes 165 MB. A larger one is never mapped."""
MAX_INDEX_HEADER_BYTES = 256 * KIB
"""The header of such a file: it has 2 to 10 KB, of which most is the CRS."""
MAX_CACHE_BYTES = 4 * GIB
"""All files of indexes in the cache folder: what was longest not asked for goes first."""
MAX_OPENED_CITY_BYTES = 512 * MIB
"""A city that is kept as it was read: ours takes 3 MB. A larger one is read anew at each start."""
MAX_OPENED_CITIES_BYTES = 2 * GIB
"""All of them in the cache folder: what was kept longest ago goes first."""
PROGRAM_REST_S = 10.0
"""Sources of the program that are younger when it starts may not be what runs: nothing is kept."""
MAX_DRAFT_AGE_S = 86_400
"""A draft that lay in the cache folder for a day was left over by a program that was killed."""
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
"""The answer to a body before it is compressed: the server holds what is not read yet."""
MAX_JOINED_BYTES = MIB
"""Of the answer to a body: what is longer is sent while it is written, without its length."""
STREAM_PART_BYTES = 64 * KIB
"""A part of such an answer, at least: each is compressed and sent by itself."""
ANSWER_ROWS_AT_ONCE = 1_000
"""Rows of such an answer that are taken apart at a time: they take ten times the space then."""
DEFAULT_PAGE_ITEMS = 100
"""Features of a page of a collection that asks for no number: a screen or two of them."""
MAX_PAGE_ITEMS = 10_000
"""Features of a page of a collection; what asks for more gets so many, and a link to the next."""
MAX_LINKED_LETTERS = 1_500
"""Links to other pages that the header `Link` repeats: proxies take heads of 4 KiB."""
MAX_INTEGER = 10**12
"""A whole number of a question, such as a limit; a larger one means the same and is cut to it."""
MAX_INTEGER_DIGITS = 100
"""Digits of such a number: what programs write for "all" has at most 20, or 39 of 128 bits."""
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

# -- Those who inspect trails ----------------------------------------------------------------------

MIN_SECRET_LETTERS = 16
"""Letters of `secret_key` at least: a shorter one could be found by trying codes elsewhere."""
MAX_SECRET_LETTERS = 1_000
"""Letters of `secret_key` at most, which is a line in a file."""
PASS_S = 12 * 3_600
"""How long a browser may write after it has shown the code of a trail: a day's round."""
KNOWN_BROWSER_S = 60 * 86_400
"""How long a browser that has shown the right code is slowed down apart from its address."""
MAX_CODE_TRIES = 20
"""Codes that one address may try at once: a round of inspectors behind one address."""
CODE_TRY_S = 10.0
"""Seconds for each further try of an address: of 80 bits that finds nothing in any time."""
WRONG_CODES_PER_S = 1.0
"""Wrong codes a second that all addresses together may send before they are sent away, too."""
MAX_WRONG_CODES = 120
"""Wrong codes at once from all addresses: as many as a day's slips of the finger."""
MAX_INSPECTION_BODY_BYTES = 16 * KIB
"""A look at a trail as its form sends it: all items ticked and a line of text are 2 kB."""
MAX_INSPECTION_FIELDS = 60
"""Fields of that form: items, repairs and a few others."""
MAX_FINDING_LETTERS = 200
"""The line of text of an inspection, which the trail's page shows."""
MAX_ROLE_LETTERS = 80
"""A cell for who looked; a longer one is a sentence, no role, and is looked through for none."""
MAX_OWN_ITEMS = 12
"""Items of an office's own that the form lists behind the usual ones, the most frequent."""
MAX_ITEM_LETTERS = 20
"""An item of its own that is longer is a sentence, which nobody ticks a second time."""
MAX_SHOWN_REPAIRS = 20
"""Repairs that the form of inspectors lists; of more, the worst and the oldest."""
MAX_LATE_DAYS = 14
"""Days after a look on which it may still be sent, as by a telephone that had no signal."""
MAX_INSPECTIONS_BYTES = 16 * MIB
"""`layers/inspections.csv` that inspectors may make longer: fifty looks a day for ten years."""
INSPECTION_WAIT_S = 20.0
"""How long an entry waits for others that are being written, before its sender tries again."""
UNWRITTEN_RETRY_S = 60
"""When a browser sends an entry again that could not be written."""
MAX_SENT_KEYS = 4_000
"""Entries that are known again when they come a second time, the latest, in 160 kB."""

# -- The server ------------------------------------------------------------------------------------

MAX_WORKERS = 4
"""Processes of the server unless `workers` says more: each takes some memory of its own."""
MAX_SET_WORKERS = 64
"""What `workers` may be set to: a slip of the hand must not fork thousands."""
WORKER_THREADS = 16
"""Threads of a worker that run Python: clients are waited for outside of them."""
MAX_QUICK_FEATURES = 200
"""Features of an answer that a worker gives between two others, without a thread: milliseconds."""
MAX_QUICK_LAYER_FEATURES = 20_000
"""Features of a layer of which those in a box are found so quickly, however large the box."""
MAX_BODIES_AT_ONCE = 8
"""Bodies that a worker reads or answers at once: half of its threads, so that others go on."""
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
MAX_SHAPES = 1024
"""Shapes of questions to the API that are kept: those that differ by their place have one."""
MAX_SHAPE_LETTERS = 1_000
"""Address and headers of a question whose shape is kept; all together hold a few MB at most."""
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

WATCH_EVERY_S = 0.25
"""How often the folder is looked at while it changes, or a start is to be finished."""
WATCH_AT_REST_S = 1.0
"""How often it is looked at otherwise: a look takes 0.6 ms, in which nobody is answered."""
FOLDER_SETTLE_S = 0.2
"""How long a folder has not changed before it is opened, to see what is in it."""
FOLDER_REST_S = 1.8
"""How long a folder has not been seen to change before it is served: programs write in pieces."""
FOLDER_PATIENCE_S = 60.0
"""A folder that does not rest for so long is a failure, and is said in `/readyz`."""
MAX_UNSERVED_S = 30.0
"""A folder that keeps changing is opened so long after the first change that is not served."""
UNREST_RETRY_S = 5.0
"""When such a folder is tried again that changed even while it was read: reading takes a second."""
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
