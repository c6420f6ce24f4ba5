"""A projection as patches of polynomials: like PROJ to a ten millionth of a metre, and faster.

Over a small square a projection is very nearly a polynomial. So the plane is divided into squares,
and in each a polynomial of the third degree in both directions is put through 16 places that PROJ
has computed (Chebyshev's nodes, which spread the error evenly). How far it is off is measured
against PROJ when it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.settings import limits

DEGREE = 3
NODES = 0.5 - 0.5 * np.cos((2 * np.arange(DEGREE + 1) + 1) * np.pi / (2 * DEGREE + 2))
"""Chebyshev's nodes between 0 and 1: 0.038, 0.309, 0.691, 0.962."""
CHECKED = np.array([0.0, 0.15, 0.5, 0.85, 1.0])
"""Where the error is measured in both directions: on the edges, between the nodes, in the middle.
Between and outside of the nodes the error of a polynomial through them is greatest."""
HALVINGS = 4
"""How often squares are halved that are too large; each time the error is 16 times less."""
SIDE_DEG, SIDE_M = 0.1, 10_000.0
"""Squares to begin with. Those of Korea are good enough: 3e-8 m, and 6e-13 degrees back."""
ERROR_M, ERROR_DEG = 1e-7, 1e-12
"""The greatest errors that will do; a degree has 111 km, so both are the same."""
SIDES, WIDEST_DEG = 33, 90.0

Transform = Callable[[Floats, Floats], tuple[Any, ...]]


@dataclass(frozen=True)
class Patches:
    """Polynomials over squares of a rectangle.

    Attributes
    ----------
    grid
        West, south, side of a square, columns and rows.
    coefficients
        Shape (squares * 32,): for each square, first for the first value and then for the second,
        the 16 factors of u^i v^j, where u and v go from 0 to 1 over the square from west to east
        and from south to north; j runs fastest.
    error
        The greatest error measured, in units of the values.
    """

    grid: tuple[float, float, float, int, int]
    coefficients: Floats
    error: float

    @classmethod
    def fit(
        cls, transform: Transform, box: tuple[float, float, float, float], side: float, error: float
    ) -> Patches | None:
        """Fit polynomials to a transform.

        Parameters
        ----------
        transform
            Two columns in, two columns out; it must be smooth.
        box
            West, south, east, north of the rectangle.
        side
            The side of a square to begin with; squares are made smaller until they are good enough.
        error
            The greatest error that will do.

        Returns
        -------
        Patches or None
            None if they would be too many, or the transform has no value or no polynomial there.
        """
        west, south, east, north = box
        for _ in range(HALVINGS):
            columns, rows = (
                int((end - begin) / side) + 1 for begin, end in ((west, east), (south, north))
            )
            if columns * rows > limits.MAX_PATCHES:
                return None
            patches = cls._fit_squares(transform, (west, south, side, columns, rows))
            if patches.error <= error:  # fails for NaN, where the transform has no value
                return patches
            side /= 2
        return None

    @classmethod
    def _fit_squares(
        cls, transform: Transform, grid: tuple[float, float, float, int, int]
    ) -> Patches:
        values = _compute_values(transform, grid, NODES)
        # The value in the middle of each square is taken off, so that no digits are lost in sums.
        middle = values.mean(axis=(2, 3), keepdims=True)
        # values = V c V^T, where V has the powers of the nodes; so c = V^-1 values V^-T.
        inverse = np.linalg.inv(np.vander(NODES, increasing=True))
        coefficients = np.einsum("ik,pskl,jl->psij", inverse, values - middle, inverse)
        coefficients[:, :, 0, 0] += middle[:, :, 0, 0]
        # The same polynomials at other places, against the transform.
        powers = np.vander(CHECKED, DEGREE + 1, increasing=True)
        computed = np.einsum("ki,psij,lj->pskl", powers, coefficients, powers)
        error = np.abs(computed - _compute_values(transform, grid, CHECKED)).max()
        return cls(grid, np.ascontiguousarray(coefficients).ravel(), float(error))

    @property
    def arrays(self) -> tuple[Any, ...]:
        """Grid and coefficients, as the compiled search takes them."""
        return self.grid, self.coefficients


def _compute_values(
    transform: Transform, grid: tuple[float, float, float, int, int], places: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Compute a transform at some places of each square.

    Returns
    -------
    ndarray
        Shape (squares, 2, places, places): squares row by row; first or second value; from west to
        east; from south to north.
    """
    west, south, side, columns, rows = grid
    x = west + (np.arange(columns)[:, None] + places) * side
    y = south + (np.arange(rows)[:, None] + places) * side
    # Rows, columns, places from west to east, places from south to north.
    shape = rows, columns, len(places), len(places)
    xs = np.broadcast_to(x[None, :, :, None], shape)
    ys = np.broadcast_to(y[:, None, None, :], shape)
    first, second = transform(xs.ravel(), ys.ravel())[:2]
    squares = rows * columns, len(places), len(places)
    with np.errstate(invalid="ignore"):
        return np.stack([first.reshape(squares), second.reshape(squares)], axis=1)


class ProjectionPatches(NamedTuple):
    """Patches of a projection around some lines: from degrees to the plane, and back."""

    forward: Patches
    back: Patches

    @classmethod
    def fit(
        cls,
        box: tuple[float, float, float, float],
        margin_m: float,
        forward: Transform,
        inverse: Transform,
    ) -> ProjectionPatches | None:
        """Fit them to a projection in metres.

        Parameters
        ----------
        box
            West, south, east, north of the lines in the plane: places on them are taken back.
        margin_m
            Points that are no farther from the box are projected, too.
        forward, inverse
            The transforms, lon/lat to the plane and back.

        Returns
        -------
        ProjectionPatches or None
            None where patches are no help: the lines reach around half of the earth, or where the
            projection has no place.
        """
        west, south, east, north = box
        # Sides of the wider box bend in degrees, so they are looked at in many places.
        x, y = np.meshgrid(
            np.linspace(west - margin_m, east + margin_m, SIDES),
            np.linspace(south - margin_m, north + margin_m, SIDES),
        )
        lon, lat = inverse(x.ravel(), y.ravel())[:2]
        degrees = float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
        if not np.isfinite(degrees).all() or degrees[2] - degrees[0] > WIDEST_DEG:
            return None
        there = Patches.fit(forward, degrees, SIDE_DEG, ERROR_M)
        back = Patches.fit(inverse, box, SIDE_M, ERROR_DEG)
        return None if there is None or back is None else cls(there, back)
