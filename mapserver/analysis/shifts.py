"""How far a line, a border or a point lies from what it was, in whatever way it is written."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from mapserver.settings import limits

SAMPLE_STEP_M = 2.0
"""Along lines a place so often is measured, and each vertex: what lies farthest is within half a
step of one of them, and the distance there is smaller by no more."""


def measure_shift_m(old: BaseGeometry | None, new: BaseGeometry | None) -> float | None:
    """Measure the largest distance between two lines, borders or points.

    Parameters
    ----------
    old, new
        In a plane in metres, without heights.

    Returns
    -------
    float or None
        The Hausdorff distance in metres: of all places on either, how far that which lies farthest
        from the other one lies from it. The direction of a line, where a ring begins, the order of
        parts and vertices on a straight line do not matter. None where one of the two is nowhere,
        0 where both are.
    """
    shapes = [None if shape is None or shape.is_empty else shape for shape in (old, new)]
    if shapes[0] is None or shapes[1] is None:
        return 0.0 if shapes[0] is shapes[1] else None
    if shapely.equals_exact(shapes[0], shapes[1], 0):
        return 0.0
    samples = [_add_samples(shape) for shape in shapes if shape is not None]
    return float(shapely.hausdorff_distance(*samples))


def _add_samples(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape, or the border of an area, with vertices at short distances."""
    outline = shape.boundary if shapely.get_dimensions(shape) == 2 else shape
    if shapely.length(outline) == 0:  # a point, or a line that stands still
        places: BaseGeometry = shapely.multipoints(shapely.get_coordinates(outline))
        return places
    # GEOS measures at vertices alone: a gap in the middle of a straight line would not be seen.
    step_m = max(SAMPLE_STEP_M, shapely.length(outline) / limits.MAX_LINE_SAMPLES)
    samples: BaseGeometry = shapely.segmentize(outline, step_m)
    return samples
