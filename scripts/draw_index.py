"""Draw how the indexes search, from the indexes themselves: docs/index-method.png.

python scripts/draw_index.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import shapely
from matplotlib.patches import Rectangle

import mapserver
from mapserver.index import PlaneIndex
from mapserver.index import flat_areas as areas_module
from mapserver.index.flat_areas import Areas
from mapserver.index.grid import Grid

mpl.use("Agg")

ROOT = Path(__file__).resolve().parents[1]
CLAY, BLUE, PALE, INK, GREY = "#b4532a", "#2f5d8a", "#cfdcea", "#333333", "#d9d4cc"
NEAR_M, FAR_M = 330.0, 800.0
"""Half of the side of what is shown, on the left and on the right."""


def main() -> None:
    """Draw both panels and write the file."""
    city = mapserver.open_city(ROOT)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 6), layout="constrained")
    draw_within(left, city.districts.to_crs(city.metric_crs).geometry.to_numpy())
    draw_nearest(right, city.trails.to_crs(city.metric_crs).geometry.to_numpy())
    figure.savefig(ROOT / "docs" / "index-method.png", dpi=110)


def draw_within(axes: plt.Axes, polygons: np.ndarray) -> None:
    """Show which cells answer by themselves, and the ray of a point whose cell does not."""
    # Coarser than the search has them, or no cell could be seen.
    areas_module.FINE_PER_EDGE = areas_module.CELLS_PER_EDGE
    index = Areas.from_polygons(polygons)
    assert index is not None
    grid = index.grid
    neighbours = shapely.STRtree(polygons).query(polygons, "dwithin", distance=150.0)[0]
    at = polygons[np.bincount(neighbours).argmax()].centroid
    show(axes, at.x, at.y, NEAR_M)
    cells(
        axes, grid, lambda cell: {0: None, 1: PALE, -1: "#f0c9a8"}[int(np.sign(index.cell[cell]))]
    )
    for ring in shapely.get_rings(shapely.get_parts(polygons)):
        axes.plot(*ring.xy, color=BLUE, linewidth=1.4)
    point, edges = ray(index, polygons, at)
    axes.plot([point.x, at.x + 2 * NEAR_M], [point.y] * 2, color=INK, linewidth=0.8, linestyle="--")
    for x1, y1, x2, y2 in edges:
        axes.plot([x1, x2], [y1, y2], color=CLAY, linewidth=3)
    axes.plot(point.x, point.y, "o", color=INK, markersize=5)
    axes.set_title(
        "In a district: blue cells lie in one, white ones in none.\n"
        "In the others a ray counts the edges of one strip (red).",
        loc="left", fontsize=10,
    )  # fmt: skip


def ray(
    index: Areas, polygons: np.ndarray, near: shapely.Point
) -> tuple[shapely.Point, np.ndarray]:
    """Find a point in a border cell, and the edges of its strip."""
    strips, grid = index.strips, index.grid
    area = int(shapely.distance(polygons, near).argmin())
    corners = shapely.get_coordinates(polygons[area])
    # A little inside of the corner in the west, so that the ray crosses the district.
    inward = shapely.LineString(
        [corners[corners[:, 0].argmin()], polygons[area].centroid.coords[0]]
    )
    point = shapely.line_interpolate_point(inward, grid.size / 3)
    south, per = strips.level.reshape(-1, 2)[area]
    first, last = strips.start[area], strips.start[area + 1]
    strip = int(np.clip(first + (point.y - south) * per, first, last - 1))
    vertex = strips.vertex[strips.edge[strip] : strips.edge[strip + 1]]
    xy = strips.xy.reshape(-1, 2)
    return point, np.hstack([xy[vertex], xy[vertex + 1]])


def draw_nearest(axes: plt.Axes, lines: np.ndarray) -> None:
    """Show the rings of cells that are walked, and the boxes of runs that are looked at."""
    index = PlaneIndex.of(lines)
    arrays = index._lines
    grid = arrays.grid
    trail = lines[int(shapely.length(lines).argmax())]
    _, south, east, north = trail.bounds
    x, y = east + 0.4 * FAR_M, (south + north) / 2
    found = index.query_one(x, y)
    assert found is not None
    reach = np.sqrt(found.squared)
    show(axes, found.x, y, FAR_M)
    column, row = int((x - grid.x) // grid.size), int((y - grid.y) // grid.size)
    ring = lambda cell: max(abs(cell % grid.columns - column), abs(cell // grid.columns - row))  # noqa: E731
    walked = int(np.ceil(reach / grid.size))
    shades = ["#f0c9a8", "#f6dcc6", "#faebdf", "#fdf5ee"]
    cells(axes, grid, lambda cell: shades[min(ring(cell), 3)] if ring(cell) <= walked else None)
    for line in lines:
        for part in shapely.get_parts(line):
            axes.plot(*part.xy, color=INK, linewidth=1.4)
    for west, south, east, north in arrays.run_box.reshape(-1, 4):
        axes.add_patch(
            Rectangle(
                (west, south), east - west, north - south, fill=False, color=BLUE, linewidth=0.8
            )
        )
    axes.add_patch(plt.Circle((x, y), reach, fill=False, color=CLAY, linewidth=1, linestyle="--"))
    axes.plot([x, found.x], [y, found.y], color=CLAY, linewidth=2.2)
    axes.plot(x, y, "o", color=INK, markersize=5)
    axes.set_title(
        "Nearest: rings of cells are walked until what is beyond is\n"
        "farther than the answer; runs (blue boxes) farther away are passed over.",
        loc="left", fontsize=10,
    )  # fmt: skip


def show(axes: plt.Axes, x: float, y: float, half_m: float) -> None:
    """Show what lies around a place, without axes: only shapes matter here."""
    axes.set_xlim(x - half_m, x + half_m)
    axes.set_ylim(y - half_m, y + half_m)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def cells(axes: plt.Axes, grid: Grid, colour) -> None:  # noqa: ANN001 -- a cell's number to a colour
    """Draw the cells that are in sight."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    for row in range(int((south - grid.y) // grid.size), int((north - grid.y) // grid.size) + 1):
        for column in range(
            int((west - grid.x) // grid.size), int((east - grid.x) // grid.size) + 1
        ):
            if not (0 <= row < grid.rows and 0 <= column < grid.columns):
                continue
            corner = (grid.x + column * grid.size, grid.y + row * grid.size)
            fill = colour(row * grid.columns + column)
            axes.add_patch(
                Rectangle(
                    corner, grid.size, grid.size,
                    facecolor=fill or "none", edgecolor=GREY, linewidth=0.5, zorder=0,
                )
            )  # fmt: skip


if __name__ == "__main__":
    main()
