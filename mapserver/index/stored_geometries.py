"""The geometries of a layer: in memory, or as WKB in a file and made when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo.geodesy import Geometries
from mapserver.index.index_file import IndexParts

Positions = npt.NDArray[np.intp]


class GeometryStore(Protocol):
    """Geometries by their positions in a layer."""

    def __len__(self) -> int:
        """Return how many there are, missing ones counted."""

    def take(self, positions: Positions) -> Geometries:
        """Return the geometries at some positions."""

    def take_all(self) -> Geometries:
        """Return all of them."""


def list_wkb(geometries: Geometries) -> list[bytes]:
    """List geometries as well-known binary; a missing one has no byte."""
    return [piece or b"" for piece in shapely.to_wkb(geometries).tolist()]


@dataclass(frozen=True)
class HeldGeometries:
    """Geometries that are in memory anyway, as those of a layer's frame."""

    geometries: Geometries

    def __len__(self) -> int:
        return len(self.geometries)

    def take(self, positions: Positions) -> Geometries:
        """Return the geometries at some positions."""
        return self.geometries[positions]

    def take_all(self) -> Geometries:
        """Return all of them."""
        return self.geometries


@dataclass(frozen=True)
class PackedGeometries:
    """Geometries as well-known binary (OGC 06-103r4, 8), one after the other.

    Attributes
    ----------
    start
        Shape (n + 1,): where each begins, and where the last one ends. One without a byte is
        missing.
    wkb
        The bytes of all.
    """

    start: npt.NDArray[np.int64]
    wkb: npt.NDArray[np.uint8]

    @classmethod
    def from_geometries(cls, geometries: Geometries) -> PackedGeometries:
        """Pack geometries."""
        pieces = list_wkb(geometries)
        start = np.zeros(len(pieces) + 1, np.int64)
        np.cumsum([len(piece) for piece in pieces], out=start[1:])
        return cls(start, np.frombuffer(bytearray(b"".join(pieces)), np.uint8))

    def pack(self) -> IndexParts:
        """Return what it is made of, for a file."""
        return IndexParts({}, {"start": self.start, "wkb": self.wkb})

    @classmethod
    def unpack(cls, parts: IndexParts) -> PackedGeometries:
        """Build it from what a file has."""
        return cls(parts.take("start", "<i8"), parts.take("wkb", "|u1"))

    def __len__(self) -> int:
        return len(self.start) - 1

    def take(self, positions: Positions) -> Geometries:
        """Make the geometries at some positions."""
        begin, end = self.start[positions].tolist(), self.start[positions + 1].tolist()
        pieces = np.empty(len(begin), object)
        for i, (first, last) in enumerate(zip(begin, end, strict=True)):
            pieces[i] = self.wkb[first:last].tobytes() or None
        geometries: Geometries = shapely.from_wkb(pieces)
        return geometries

    def take_all(self) -> Geometries:
        """Make all of them, which takes some tenths of a second for a country."""
        return self.take(np.arange(len(self)))


def open_places(parts: IndexParts, geometries: Geometries | None) -> GeometryStore:
    """Return the geometries of an index in a file: those given, or those of the file."""
    packed = PackedGeometries.unpack(parts.part("places"))
    if geometries is None:
        return packed
    if len(geometries) != len(packed):
        raise ValueError(len(geometries))  # another layer's
    return HeldGeometries(np.array(geometries, dtype=object))
