"""Where a city lies: its bounds, its middle, and the projected CRS that is true to scale there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

DIGITS = 10
"""Decimals of degrees that survive turning round the earth and back."""


Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; over 180 degrees the east is less than the west."""


def find_frame_bounds(frames: Iterable[gpd.GeoDataFrame]) -> Box | None:
    """Return west, south, east, north of all features in degrees; None when nothing has a place.

    Of features on both sides of 180 degrees the east is less than the west, as in RFC 7946.
    """
    geometries = [frame.geometry.to_numpy() for frame in frames]
    return find_bounds(np.concatenate(geometries)) if geometries else None


def find_bounds(geometries: Sequence[shapely.Geometry] | Geometries) -> Box | None:
    """Return the bounds of geometries in EPSG:4326; as :func:`find_frame_bounds`."""
    boxes = _split_boxes(np.asarray(geometries, dtype=object))
    if not len(boxes):
        return None
    # Boxes are unwrapped about their common middle, so that the sides of 180 degrees meet.
    lon, _ = find_middle(np.concatenate([boxes[:, :2], boxes[:, 2:]]))
    west, east = unwrap(boxes[:, 0], lon), unwrap(boxes[:, 2], lon)
    if west.min() >= -180 and east.max() <= 180:
        west, east = boxes[:, 0], boxes[:, 2]
    elif east.max() - west.min() >= 360:
        return -180.0, float(boxes[:, 1].min()), 180.0, float(boxes[:, 3].max())
    return (
        float(wrap(west.min())),
        float(boxes[:, 1].min()),
        float(wrap(east.max())),
        float(boxes[:, 3].max()),
    )


def find_frame_middle(frames: Iterable[gpd.GeoDataFrame]) -> tuple[float, float]:
    """Return a point amid the features, lon and lat, which a stray feature does not move."""
    geometries = [frame.geometry.to_numpy() for frame in frames]
    boxes = _split_boxes(np.concatenate([np.empty(0, dtype=object), *geometries]))
    if not len(boxes):
        return 0.0, 0.0
    # Medians, not means, of the sides of the boxes: one feature far away moves them hardly.
    middle_lon, _ = find_middle(np.concatenate([boxes[:, :2], boxes[:, 2:]]))
    west, east = np.median(unwrap(boxes[:, [0, 2]], middle_lon), axis=0)
    south, north = np.median(boxes[:, [1, 3]], axis=0)
    return float(wrap((west + east) / 2)), float((south + north) / 2)


def find_middle(places: Floats) -> tuple[float, float]:
    """Find the middle of places: the median of longitudes, taken round the earth, and latitudes.

    Parameters
    ----------
    places
        Longitude and latitude in degrees, shape (n, 2).

    Returns
    -------
    lon, lat : float
        Longitude within [-180, 180]; 0, 0 without any place.
    """
    if not len(places):
        return 0.0, 0.0
    # The direction of the median on the circle, which has no seam, says where to unwrap.
    radians = np.radians(places[:, 0])
    direction = np.degrees(np.arctan2(np.median(np.sin(radians)), np.median(np.cos(radians))))
    lon = np.median(unwrap(places[:, 0], direction))
    return float(wrap(lon)), float(np.median(places[:, 1]))


def unwrap(lon: npt.ArrayLike, middle: float) -> Floats:
    """Return longitudes within 180 degrees of another, beyond 180 or -180 if need be.

    Examples
    --------
    >>> unwrap([179.5, -179.5], middle=180.0).tolist()
    [179.5, 180.5]
    """
    lon = np.asarray(lon, dtype=np.float64)
    # Whole turns that lie between the two. Where there is none the number stays as it is, to the
    # last bit.
    turns = np.round((lon - middle) / 360)
    unwrapped: Floats = np.where(turns == 0, lon, lon - 360 * turns)
    return unwrapped


def wrap(lon: npt.ArrayLike) -> Floats:
    """Return longitudes within [-180, 180]."""
    lon = np.asarray(lon, dtype=np.float64)
    # Numbers that are within already stay as they are, to the last bit; so does 180.
    wrapped: Floats = np.where(np.abs(lon) <= 180, lon, (lon + 180) % 360 - 180)
    return wrapped


def unwrap_box(box: Box) -> Box:
    """Return a box whose east is never less than its west: beyond 180 where it crosses that."""
    west, south, east, north = box
    return west, south, east + 360 if east < west else east, north


def is_within(lon: npt.ArrayLike, lat: npt.ArrayLike, box: Box) -> npt.NDArray[np.bool_]:
    """Return whether places lie in a box, which may cross 180 degrees."""
    west, south, east, north = unwrap_box(box)
    turned = unwrap(lon, (west + east) / 2)
    lat = np.asarray(lat)
    is_inside: npt.NDArray[np.bool_] = (
        (west <= turned) & (turned <= east) & (south <= lat) & (lat <= north)
    )
    return is_inside


def find_centres(geometries: Geometries) -> Floats:
    """Return the middle of the box of each geometry, shape (n, 2), unwrapped over 180 degrees."""
    west, south, east, north = shapely.bounds(geometries).T
    centres = np.column_stack([(west + east) / 2, (south + north) / 2])
    # A box of more than half the earth has a feature that lies on both sides of 180 degrees.
    for i in np.flatnonzero(east - west > 180):
        box = find_bounds(geometries[i : i + 1])
        if box is not None:
            box_west, _, box_east, _ = unwrap_box(box)
            centres[i, 0] = wrap((box_west + box_east) / 2)
    return centres


def fold_at_180(unrolled: shapely.Geometry) -> list[shapely.Geometry]:
    """Divide a geometry that goes beyond 180 degrees there, and return its parts within it."""
    pieces = []
    for shift in (-360, 0, 360):
        # One turn of the earth at a time is cut out and moved back to [-180, 180].
        turn = shapely.box(-180 + shift, -90, 180 + shift, 90)
        piece = shapely.intersection(unrolled, turn)
        has_z = bool(shapely.has_z(piece))
        offset = [shift, 0, 0] if has_z else [shift, 0]
        moved = shapely.transform(piece, lambda xyz, offset=offset: xyz - offset, include_z=has_z)
        pieces += [part for part in shapely.get_parts(moved) if not part.is_empty]
    return pieces


def divide_lines(geometries: Geometries) -> Geometries:
    """Divide lines at 180 degrees where they jump over it, for questions asked in degrees.

    Parameters
    ----------
    geometries
        In EPSG:4326, shape (n,); all but lines, and lines elsewhere, come back as they are.
    """
    divided = geometries.copy()
    box = shapely.bounds(geometries)
    wide = (shapely.get_dimensions(geometries) == 1) & (box[:, 2] - box[:, 0] > 180)
    for i in np.flatnonzero(wide):
        pieces: list[shapely.Geometry] = []
        for part in shapely.get_parts(geometries[i]):
            xyz = shapely.get_coordinates(part, include_z=bool(shapely.has_z(part)))
            # Steps of more than half a turn are taken the other way round the earth.
            xyz[:, 0] = np.unwrap(xyz[:, 0], period=360)
            pieces += [p for p in fold_at_180(shapely.linestrings(xyz)) if p.geom_type != "Point"]
        divided[i] = shapely.multilinestrings(pieces)
    return divided


def divide_at_180(polygon: shapely.Geometry) -> shapely.Geometry | None:
    """Divide a polygon whose edges jump from one side of 180 degrees to the other.

    Parameters
    ----------
    polygon
        Polygon or MultiPolygon in EPSG:4326.

    Returns
    -------
    Polygon, MultiPolygon or None
        In two parts that meet at 180 degrees, as RFC 7946, section 3.1.9, has it; None where no
        edge spans more than half the earth (one from -180 to 180 is the border of the world).
    """
    parts, divided = shapely.get_parts(polygon), False
    pieces: list[shapely.Geometry] = []
    for part in parts:
        rings = [part.exterior, *part.interiors]
        lon = [shapely.get_coordinates(ring)[:, 0] for ring in rings]
        steps = np.abs(np.concatenate([np.diff(ring_lon) for ring_lon in lon]))
        if not ((steps > 180) & (steps < 360)).any():
            pieces.append(part)
            continue
        divided = True
        # Unroll each ring from its first corner, and bring holes to the side of the shell.
        turned = [np.round(np.unwrap(ring_lon, period=360), DIGITS) for ring_lon in lon]
        middle = turned[0].mean()
        turned = [unwrap(x[:1], middle) - x[:1] + x for x in turned]
        unrolled = [
            np.column_stack([x, shapely.get_coordinates(ring)[:, 1]])
            for x, ring in zip(turned, rings, strict=True)
        ]
        polygon_across = shapely.make_valid(shapely.Polygon(unrolled[0], unrolled[1:]))
        pieces += fold_at_180(polygon_across)
    if not divided:
        return None
    # An edge along 180 degrees leaves a line on the other side.
    pieces = [piece for piece in pieces if piece.geom_type == "Polygon"]
    return shapely.multipolygons(pieces) if pieces else None


def divide_shapes(geometries: Geometries) -> Geometries:
    """Divide lines and polygons at 180 degrees where they jump over it.

    Parameters
    ----------
    geometries
        In EPSG:4326, shape (n,), as a projection that knows no seam gives them.

    Returns
    -------
    ndarray of geometry, shape (n,)
        All others as they are.
    """
    divided = divide_lines(geometries)
    box = shapely.bounds(geometries)
    wide = (shapely.get_dimensions(geometries) == 2) & (box[:, 2] - box[:, 0] > 180)
    for i in np.flatnonzero(wide):
        divided[i] = divide_at_180(geometries[i]) or geometries[i]
    return divided


def unroll_geometries(geometries: Geometries, middle: float) -> Geometries:
    """Return geometries whose longitudes are within 180 degrees of another.

    Parameters
    ----------
    geometries
        In EPSG:4326, shape (n,); missing ones stay missing.
    middle
        The longitude, in degrees. Polygons that are divided at 180 degrees are whole again.
    """
    turned: Geometries = shapely.transform(
        geometries,
        lambda xyz: np.column_stack([unwrap(xyz[:, 0], middle), xyz[:, 1:]]),
        include_z=bool(shapely.has_z(geometries).any()),
    )
    # The parts of a polygon that was divided at 180 degrees share an edge now, which is invalid.
    for i in np.flatnonzero((shapely.get_dimensions(turned) == 2) & ~shapely.is_valid(turned)):
        turned[i] = shapely.union_all(shapely.get_parts(turned[i]))
    return turned


def roll_geometries(geometries: Geometries) -> Geometries:
    """Return geometries with longitudes in [-180, 180]: reverses :func:`unroll_geometries`."""
    box = shapely.bounds(geometries)
    if not (np.abs(box[:, [0, 2]]) > 180).any():
        return geometries
    rolled: Geometries = shapely.transform(
        geometries,
        lambda xyz: np.column_stack([wrap(xyz[:, 0]), xyz[:, 1:]]),
        include_z=bool(shapely.has_z(geometries).any()),
    )
    return rolled


def _split_boxes(geometries: Geometries) -> Floats:
    """Return west, south, east, north of features; of those on both sides of 180 of each part."""
    boxes = shapely.bounds(geometries).reshape(-1, 4)
    wide = boxes[:, 2] - boxes[:, 0] > 180
    if wide.any():
        # A line over 180 degrees jumps there; its points are a box each.
        parts = shapely.get_parts(geometries[wide])
        lines = np.abs(np.diff(shapely.bounds(parts)[:, [0, 2]], axis=1)[:, 0]) > 180
        points = shapely.points(shapely.get_coordinates(parts[lines]))
        boxes = np.concatenate([boxes[~wide], shapely.bounds(parts[~lines]).reshape(-1, 4)])
        boxes = np.concatenate([boxes, shapely.bounds(points).reshape(-1, 4)])
    # Missing and empty geometries have boxes of NaN.
    finite_boxes: Floats = boxes[np.isfinite(boxes).all(axis=1)]
    return finite_boxes
