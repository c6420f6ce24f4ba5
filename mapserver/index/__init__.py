"""Spatial indexes: what is nearest, what contains a point; arrays in, arrays out."""

from mapserver.index.nearest import Nearest, NearestIndex
from mapserver.index.within import WithinIndex

__all__ = ["Nearest", "NearestIndex", "WithinIndex"]
