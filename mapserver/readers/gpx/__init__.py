"""GPX files into frames: trails with their length and climb, and the points beside them."""

from mapserver.readers.gpx.document import Counts
from mapserver.readers.gpx.folder import read_folder
from mapserver.readers.gpx.frames import MEASURED, TRAIL_COLUMNS, GpxFile
from mapserver.readers.gpx.own import COMPUTED
from mapserver.readers.gpx.reading import read_gpx

__all__ = ["COMPUTED", "MEASURED", "TRAIL_COLUMNS", "Counts", "GpxFile", "read_folder", "read_gpx"]
