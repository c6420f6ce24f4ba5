"""Maenballo: a folder of trails and district polygons becomes a map, an API and notebooks."""

from importlib import import_module
from types import ModuleType

from mapserver.settings.garbage import no_garbage

with no_garbage():
    from mapserver.city import City, open_city
    from mapserver.geo import extent
    from mapserver.text import language

__all__ = ["City", "__version__", "extent", "language", "open_city"]

__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    """Import figures when a notebook asks for them: matplotlib is optional, and heavy."""
    if name == "figures":
        return import_module("mapserver.drawing.figures")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
