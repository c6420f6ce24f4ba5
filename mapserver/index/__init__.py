"""The indexes: arrays of places in, arrays of positions and metres out."""

from mapserver.index.changing import ChangingIndex
from mapserver.index.nearest import Nearest, NearestIndex, project
from mapserver.index.plane import PlaneIndex
from mapserver.index.within import WithinIndex

__all__ = [
    "ChangingIndex",
    "Nearest",
    "NearestIndex",
    "PlaneIndex",
    "WithinIndex",
    "project",
]
