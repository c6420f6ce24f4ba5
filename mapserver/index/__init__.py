"""The indexes: arrays of places in, arrays of positions and metres out."""

from mapserver.index.changing import ChangingIndex
from mapserver.index.containment import SEVERAL, Containment
from mapserver.index.index_file import identify_index
from mapserver.index.kernels import NO_AREA
from mapserver.index.nearest import NearestIndex
from mapserver.index.nearest_answers import Nearest, Snap
from mapserver.index.plane import PlaneIndex
from mapserver.index.shelf import (
    OTHERS_MAY_WRITE,
    find_shelf,
    open_nearest,
    open_within,
    remove_least_used,
)
from mapserver.index.snapping import project_geometries
from mapserver.index.within import WithinIndex

__all__ = [
    "NO_AREA",
    "OTHERS_MAY_WRITE",
    "SEVERAL",
    "ChangingIndex",
    "Containment",
    "Nearest",
    "NearestIndex",
    "PlaneIndex",
    "Snap",
    "WithinIndex",
    "find_shelf",
    "identify_index",
    "open_nearest",
    "open_within",
    "project_geometries",
    "remove_least_used",
]
