"""The indexes: arrays of places in, arrays of positions and metres out."""

from mapserver.index.changing import ChangingIndex
from mapserver.index.nearest import NearestIndex, project_geometries
from mapserver.index.nearest_answers import Nearest, Snap
from mapserver.index.plane import PlaneIndex
from mapserver.index.within import WithinIndex

__all__ = [
    "ChangingIndex",
    "Nearest",
    "NearestIndex",
    "PlaneIndex",
    "Snap",
    "WithinIndex",
    "project_geometries",
]
