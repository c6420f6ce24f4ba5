"""Maenballo: a folder of trails and district polygons becomes a map, an API and notebooks."""

__version__ = "0.1.0"
