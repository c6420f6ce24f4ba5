"""Maenballo: a folder of trails and district polygons becomes a map, an API and notebooks."""

from mapserver.city import City, open_city

__all__ = ["City", "__version__", "open_city"]

__version__ = "0.1.0"
