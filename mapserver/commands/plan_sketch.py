"""Where added data lies, drawn in characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from rich.text import Text

from mapserver.errors import N_
from mapserver.geo import extent
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.importing import Plan


COLUMNS, ROWS = 56, 16
"""Size of the sketch in characters."""

HEIGHT_OF_A_CHARACTER = 1.6
"""In widths of a character: the degrees of a row are so many times those of a column."""

SMALLEST_DEG = 1e-4
"""Data of one point is shown as if it were so wide."""

MARGIN = 0.08
"""Room on each side, as a share of the width or height of what is shown."""

SHADES = ("░", "▒", "▓")

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the plane that a sketch shows.

    Attributes
    ----------
    west, south, east, north
        Its bounds in degrees.
    degrees
        The width of a character in degrees.
    """

    west: float
    south: float
    east: float
    north: float
    degrees: float

    def contains(self, lons: Floats, lats: Floats) -> npt.NDArray[np.bool_]:
        """Check which points lie in the window."""
        return (
            (lons >= self.west) & (lons <= self.east) & (lats >= self.south) & (lats <= self.north)
        )

    def find_cells(self, lons: Floats, lats: Floats) -> tuple[Cells, Cells]:
        """Find column and row of the character that each point lies in, from the north-west."""
        columns = ((lons - self.west) / self.degrees).astype(int)
        rows = ((self.north - lats) / self.degrees / HEIGHT_OF_A_CHARACTER).astype(int)
        # Points on the eastern and southern bounds belong to the last cells.
        return np.clip(columns, 0, COLUMNS - 1), np.clip(rows, 0, ROWS - 1)


def draw_sketch(plan: Plan, lang: str) -> Text:
    """Draw where it lies, and the bounds of the city, in characters."""
    lons, lats = shapely.get_coordinates(plan.frame.geometry.to_numpy()).T
    if not len(lons):
        return Text()
    bounds = extent.find_bounds(plan.frame.geometry.to_numpy()) or (0.0, 0.0, 0.0, 0.0)
    box = extent.unwrap_box(plan.city_box or bounds)
    # Both sides of 180 degrees are to meet, so longitudes go on beyond it.
    lons = extent.unwrap(lons, (box[0] + box[2]) / 2)
    window = _choose_window(lons, lats, box if plan.city_box else None)
    cells = np.full((ROWS, COLUMNS), " ")
    if plan.city_box is not None:
        _draw_box(cells, window, box)
    is_shown = window.contains(lons, lats)
    _draw_points(cells, window, lons[is_shown], lats[is_shown])
    lines = ["".join(line).rstrip() for line in cells]
    while lines and not lines[-1]:
        lines.pop()
    legend = language.write_message(N_("where it lies; dots: the bounds of the city"), {}, lang)
    corners = f"{bounds[0]:.4f}, {bounds[1]:.4f} – {bounds[2]:.4f}, {bounds[3]:.4f}"
    return Text("\n".join([*lines, f"{legend}  ({corners})"]), style="dim")


def _choose_window(lons: Floats, lats: Floats, city_box: extent.Box | None) -> Window:
    """Choose what is shown: the city with room around it; without a city nearly all points."""
    # A stray point must not shrink the rest to a dot: on each side one in a hundred is left out.
    box = city_box or (
        *np.quantile([lons, lats], 0.01, axis=1),
        *np.quantile([lons, lats], 0.99, axis=1),
    )
    room = max(box[2] - box[0], box[3] - box[1], SMALLEST_DEG) * MARGIN
    west, south, east, north = np.add(box, (-room, -room, room, room))
    # The side that needs more characters decides, so that degrees are the same in both directions.
    degrees = max((east - west) / COLUMNS, (north - south) / ROWS / HEIGHT_OF_A_CHARACTER, 1e-9)
    return Window(west, south, east, north, degrees)


def _draw_box(cells: npt.NDArray[np.str_], window: Window, box: extent.Box) -> None:
    """Draw the four sides of a box."""
    west, south, east, north = box
    columns, rows = window.find_cells(np.array([west, east]), np.array([north, south]))
    cells[rows, columns[0] : columns[1] + 1] = "·"
    cells[rows[0] : rows[1] + 1, columns] = "·"


def _draw_points(cells: npt.NDArray[np.str_], window: Window, lons: Floats, lats: Floats) -> None:
    """Draw in each cell a shade for how many points lie in it."""
    columns, rows = window.find_cells(lons, lats)
    counts = np.zeros((ROWS, COLUMNS), int)
    np.add.at(counts, (rows, columns), 1)
    if not counts.any():
        return
    # Half of the cells that hold points get the lightest shade, a fifth the darkest.
    steps = np.quantile(counts[counts > 0], [0.5, 0.8])
    shades = np.array(SHADES)[np.searchsorted(steps, counts, side="left")]
    cells[counts > 0] = shades[counts > 0]
