"""Limits of pages, maps, files that are written, and of what a terminal shows."""

from __future__ import annotations

from mapserver.settings.units import GIB

# -- Pages and maps --------------------------------------------------------------------------------

MAX_DRAWN_FEATURES = 5_000
"""A layer with more is served but not drawn on a map: a telephone would stall."""
MAX_MAP_ZOOM = 19
"""The last zoom level of maps: tile servers of the public have none beyond it."""
MAX_FULL_VERTICES = 10_000
"""A layer of more corners is thinned on maps, by less than can be seen."""
MAX_CARD_ROWS = 16
"""Rows of the card of a feature of a plain layer: more would not fit on a telephone."""
MAX_WHOLE_PROGRAMMES = 150
"""Welfare programmes whose cards stand whole in their list; of more, lines lead to their pages."""
MAX_SHOWN_REASONS = 3
"""Reasons for which the state of a trail is not certain: the first ones are what to ask about."""
MAX_PROFILE_POINTS = 240
"""Points of a profile of heights: a finer line would not be seen on its drawing."""
DAYS_AHEAD = 400
"""Days that the table of states reaches: over a year, so that every season is in it."""

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

MAX_DRAFT_NAME_BYTES = 255
"""The hidden name of a draft, as file systems have it; longer ones are cut and get a digest."""

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

MAX_NAMED_FAULTS = 12
"""Faults that the reason of a closure names; of more it says how many, on each of its days."""
MAX_MESSAGE_BYTES = 90
"""Bytes of a message to the office in EUC-KR, where Hangul takes two: a longer one costs more."""

# -- The terminal ----------------------------------------------------------------------------------

MAX_ALIKE_FINDINGS = 50
"""Findings of one kind that are listed; the rest is a number."""
MAX_UNCHECKED_DAYS = 365
"""A programme at which nobody has looked for longer is named by `check`: terms change each year."""
MAX_CHECKED_IDS = 5
"""Ids that one finding of `check` names; after them it writes three points."""
MAX_TERMINAL_LINES = 30
"""Lines of a list on a terminal, which fit its window; of more it says how many."""
MAX_TERMINAL_NAMES = 6
"""Names on one line of a terminal; of more it says how many."""
MAX_WRITTEN_CHANGES = 20
"""Changes of one kind and thing that are written out; of more it says how many."""
