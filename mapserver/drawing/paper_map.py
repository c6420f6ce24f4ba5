"""The map of one trail on paper: drawn by the server, so that it fills its place in any window."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import shapely
from pyproj import CRS

from mapserver.geo.heights import project_shapes
from mapserver.text.cell_text import read_cell_text

WIDTH_PX, HEIGHT_PX = 720, 395
MARGIN_PX = 56.0
"""What stays free around the trail."""
LEAST_WIDTH_M = 220.0
"""A short trail is not drawn larger than this, or nobody would know the place."""
SEEN_PX = 0.6
"""Corners that bend an outline by less are left out."""
ICON_PX, DROP_PX = 36.0, 46.0
"""Sides of the boxes of a facility's sign, and of the drop at the start."""
TRIES_PX = (0.0, 40.0, 58.0, 78.0, 100.0)
"""So far from its place a sign may step aside."""
NAME_PX = 9.0
"""Half of the height of a name; a letter of Hangul is as wide as high, a Latin one half of it."""
LINE_PX = 10.5
"""Width of the line of the trail (static/paper_map.css)."""
BESIDE_SHARE = 0.5
"""So much of the width is drawn beside the frame, on each of its sides."""
NOT_DRAWN = frozenset({"entrance", "light", "bench", "sign"})
"""Facilities that are too many, or say nothing on paper."""
SCALE_STEPS = (1, 2, 5)

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PaperShape:
    """A shape of the map: SVG path data, and for a neighbourhood which of the tints it has."""

    path: str
    tint: int = 0


@dataclass(frozen=True, slots=True)
class PaperSign:
    """The sign of a facility, where it stands, and where it stepped aside to."""

    kind: str
    x: float
    y: float
    place_x: float
    place_y: float

    @property
    def is_moved(self) -> bool:
        """Whether a thin line leads to its place."""
        return math.hypot(self.x - self.place_x, self.y - self.place_y) > 1


@dataclass(frozen=True, slots=True)
class PaperName:
    """A name and the middle of it."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PaperMap:
    """What the template ``paper_map.svg`` draws, in pixels with y downward.

    Attributes
    ----------
    width, height
        The frame.
    areas, districts, others
        Neighbourhoods, districts and other trails within it.
    trail
        SVG path data of the trail.
    start
        Where it starts.
    signs, names
        Facilities along it, and names of districts.
    scale_px, scale_m
        Length of the scale bar.
    """

    width: int
    height: int
    areas: list[PaperShape]
    districts: list[PaperShape]
    others: list[PaperShape]
    trail: str
    start: tuple[float, float]
    signs: list[PaperSign]
    names: list[PaperName]
    scale_px: float
    scale_m: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of a plane that is drawn."""

    min_x: float
    max_y: float
    px_per_m: float

    @property
    def box_m(self) -> shapely.Polygon:
        """The part itself, in metres."""
        width_m, height_m = WIDTH_PX / self.px_per_m, HEIGHT_PX / self.px_per_m
        return shapely.box(self.min_x, self.max_y - height_m, self.min_x + width_m, self.max_y)

    def draw(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Move a shape from metres to pixels, with y downward."""
        return shapely.transform(
            shape,
            lambda xy: (xy - (self.min_x, self.max_y)) * (self.px_per_m, -self.px_per_m),
        )


def draw_paper_map(  # noqa: PLR0913 -- what lies on a map
    line: shapely.Geometry,
    crs: CRS,
    *,
    areas: gpd.GeoSeries | None,
    districts: gpd.GeoSeries | None,
    others: gpd.GeoSeries | None,
    facilities: Sequence[tuple[str, shapely.Point]],
) -> PaperMap | None:
    """Draw a trail with what lies around it; None where it has no line.

    Parameters
    ----------
    line
        The trail, in EPSG:4326.
    crs
        Projected CRS in metres.
    areas, districts, others
        Neighbourhoods, districts and the other trails, in EPSG:4326; the index of the
        neighbourhoods has their tints from 0 to 3, that of the districts has their names. None
        where there are none.
    facilities
        Kind and place of each facility along the trail, in EPSG:4326.
    """
    if line is None or line.is_empty:
        return None
    way = project_shapes(gpd.GeoSeries([line], crs=4326), crs).iloc[0]
    # Beyond the part of the earth that the plane can show, coordinates are infinite.
    if not all(map(math.isfinite, way.bounds)):
        return None
    frame = _frame_line(way)
    drawn = frame.draw(shapely.force_2d(way))
    x, y, *_ = shapely.get_coordinates(drawn)[0]
    start = (round(float(x), 1), round(float(y), 1))
    # The drop stands on the start; scale and north have two corners.
    taken: list[Box] = [(x - DROP_PX / 2, y - DROP_PX - 8, x + DROP_PX / 2, y + 4)]
    taken += [(0, HEIGHT_PX - 56, 170, HEIGHT_PX), (WIDTH_PX - 76, 0, WIDTH_PX, 96)]
    places = project_shapes(gpd.GeoSeries([p for _, p in facilities], crs=4326), crs)
    points = [(kind, frame.draw(p)) for (kind, _), p in zip(facilities, places, strict=True)]
    signs = list(_place_signs(points, taken, drawn))
    scale_m = _choose_scale_m(frame.px_per_m)
    shops = list(_clip(districts, crs, frame))
    return PaperMap(
        width=WIDTH_PX,
        height=HEIGHT_PX,
        areas=[
            PaperShape(_write_path(shape), int(str(tint)))
            for tint, shape in _clip(areas, crs, frame)
        ],
        districts=[PaperShape(_write_path(shape)) for _, shape in shops],
        others=[PaperShape(_write_path(shape)) for _, shape in _clip(others, crs, frame)],
        trail=_write_path(shapely.simplify(drawn, SEEN_PX)),
        start=start,
        signs=signs,
        names=list(_place_names(shops, taken, drawn)),
        scale_px=round(scale_m * frame.px_per_m, 1),
        scale_m=scale_m,
    )


def _frame_line(way: shapely.Geometry) -> _Frame:
    """Find the part of the plane in which a line stands in the middle, as large as it fits."""
    min_x, min_y, max_x, max_y = way.bounds
    # The drop stands above the line, so there is more room above than below.
    room_px = WIDTH_PX - 2 * MARGIN_PX, HEIGHT_PX - 2 * MARGIN_PX - DROP_PX / 2
    m_per_px = max(
        (max_x - min_x) / room_px[0], (max_y - min_y) / room_px[1], LEAST_WIDTH_M / WIDTH_PX
    )
    middle_x, middle_y = (min_x + max_x) / 2, (min_y + max_y) / 2 + DROP_PX / 4 * m_per_px
    left, top = middle_x - WIDTH_PX / 2 * m_per_px, middle_y + HEIGHT_PX / 2 * m_per_px
    return _Frame(left, top, 1 / m_per_px)


def _clip(
    shapes: gpd.GeoSeries | None, crs: CRS, frame: _Frame
) -> Iterator[tuple[object, shapely.Geometry]]:
    """Yield what of some shapes lies in the frame, in pixels, with their index."""
    if shapes is None:
        return
    placed = project_shapes(shapes[~(shapes.is_empty | shapes.isna())], crs)
    box = frame.box_m
    # More than the frame: its place on the paper may be wider or higher, and is filled.
    around = box.buffer(WIDTH_PX * BESIDE_SHARE / frame.px_per_m, join_style="mitre")
    for id_, shape in placed[placed.intersects(around)].items():
        part = shapely.intersection(shapely.make_valid(shapely.force_2d(shape)), around)
        seen = shapely.simplify(frame.draw(part), SEEN_PX)
        if not seen.is_empty:
            yield id_, seen


def _write_path(shape: shapely.Geometry) -> str:
    """Write lines, and the rings of polygons, as SVG path data; points are left out."""
    texts = []
    for part in shapely.get_parts(shapely.get_parts(shape)):
        rings = [part] if part.geom_type == "LineString" else []
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
        for ring in rings:
            xy = shapely.get_coordinates(ring)
            end = "Z" if part.geom_type == "Polygon" else ""
            texts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in xy) + end)
    return "".join(texts)


def _place_signs(
    points: Iterable[tuple[str, shapely.Point]], taken: list[Box], way: shapely.Geometry
) -> Iterator[PaperSign]:
    """Place the sign of the first facility of each kind where it lies on nothing else.

    Signs stand beside the trail, and their thin lines cross neither each other nor a sign; where
    no such place is free, one on the trail will do.
    """
    kinds = set(NOT_DRAWN)
    drawings: list[shapely.Geometry] = []
    for kind, point in points:
        if kind in kinds or point.is_empty:
            continue
        kinds.add(kind)
        free = []
        for x, y in _list_tries(point.x, point.y):
            box = _make_box(x, y, ICON_PX / 2 + 2, ICON_PX / 2 + 2)
            if _is_free(box, taken):
                free.append((x, y, box, shapely.LineString([point, (x, y)])))
        if not free:
            continue
        clear = (
            each
            for each in free
            if not way.intersects(shapely.box(*each[2]).buffer(LINE_PX / 2))
            and not any(_is_tangled(each[2], each[3], drawing) for drawing in drawings)
        )
        x, y, box, leader = next(clear, free[0])
        taken.append(box)
        drawings += [leader, shapely.box(*box)]
        at, place = (round(x, 1), round(y, 1)), (round(point.x, 1), round(point.y, 1))
        yield PaperSign(kind, *at, *place)


def _is_tangled(box: Box, leader: shapely.LineString, drawing: shapely.Geometry) -> bool:
    """Return whether a sign or its thin line meets another sign or thin line.

    Thin lines to one place meet there, which is no tangle.
    """
    if drawing.geom_type == "Polygon":
        return bool(leader.intersects(drawing))
    return bool(drawing.intersects(shapely.box(*box)) or leader.crosses(drawing))


def _list_tries(x: float, y: float) -> Iterator[tuple[float, float]]:
    """Yield the place itself, and others around it, the nearer ones first."""
    for distance_px in TRIES_PX:
        for eighth in range(8 if distance_px else 1):
            angle = eighth * math.pi / 4
            yield x + distance_px * math.cos(angle), y + distance_px * math.sin(angle)


def _place_names(
    shapes: Iterable[tuple[object, shapely.Geometry]], taken: list[Box], way: shapely.Geometry
) -> Iterator[PaperName]:
    """Place the names of areas where they lie on nothing else, and on the trail neither."""
    for id_, shape in shapes:
        text, point = read_cell_text(id_), shapely.point_on_surface(shape)
        half_px = sum(0.5 if letter.isascii() else 1.0 for letter in text) * NAME_PX
        box = _make_box(point.x, point.y, half_px + 3, NAME_PX + 4)
        if _is_free(box, taken) and not way.intersects(shapely.box(*box)):
            taken.append(box)
            yield PaperName(text, round(point.x, 1), round(point.y, 1))


def _make_box(x: float, y: float, half_width: float, half_height: float) -> Box:
    return x - half_width, y - half_height, x + half_width, y + half_height


def _is_free(box: Box, taken: Iterable[Box]) -> bool:
    """Return whether a box lies in the frame and on no other."""
    is_inside = box[0] >= 2 and box[1] >= 2 and box[2] <= WIDTH_PX - 2 and box[3] <= HEIGHT_PX - 2
    return is_inside and not any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )


def _choose_scale_m(px_per_m: float) -> int:
    """Choose the longest round length of at most a fifth of the width, in whole metres."""
    most_m = WIDTH_PX / 5 / px_per_m
    power = 10 ** math.floor(math.log10(most_m))
    metres = max(step * power for step in SCALE_STEPS if step * power <= most_m)
    return int(metres)
