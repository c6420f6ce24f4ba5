"""Bringing data in: files as planners hold them become part of a city, whole or not at all."""

from mapserver.adding.part import Part
from mapserver.adding.plan import Plan
from mapserver.adding.planning import make_plan
from mapserver.adding.wish import Wish
from mapserver.adding.writing import carry_out

__all__ = ["Part", "Plan", "Wish", "carry_out", "make_plan"]
