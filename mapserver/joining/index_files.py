"""The indexes of a join as files: written once, opened by every thread and process that asks."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from pyarrow import feather
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.files.drafts import draft_file
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index import Nearest, NearestIndex, WithinIndex
from mapserver.joining.labels import open_labels, write_labels
from mapserver.joining.question import IndexFile
from mapserver.settings import limits


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index with ids and names of its features, as a thread asks it.

    Attributes
    ----------
    index
        Of areas, or of what is nearest.
    labels
        A column each, one value a feature.
    crs
        The plane of the nearest; None for areas.
    """

    index: WithinIndex | NearestIndex
    labels: dict[str, pa.Array]
    crs: CRS | None = None

    def is_plane(self, crs: CRS) -> bool:
        """Return whether points in a CRS are in the plane of the index already."""
        return self.crs is not None and bool(crs.equals(self.crs, ignore_axis_order=True))

    def find_areas(
        self,
        crs: CRS,
        x: Floats,
        y: Floats,
        threads: int,
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[Any]]:
        """Return the point and the area of each row of answers; -1 for a point in none."""
        index: Any = self.index
        row, area = index.find_containment(crs, x, y, threads=threads).list_rows()
        return row, area

    def find_nearest(  # noqa: PLR0913, PLR0917 -- the points, and what is asked of them
        self,
        lon: Floats,
        lat: Floats,
        k: int,
        max_distance_m: float | None,
        plane: tuple[Floats, Floats] | None,
        threads: int,
    ) -> Nearest:
        """Return what is nearest to each point."""
        index: Any = self.index
        # All of a batch at once: the search sorts it in space, which makes random points cheaper.
        block = max(len(lon), 1)
        nearest: Nearest = index.query(
            lon, lat, k, max_distance_m, plane, threads=threads, block=block
        )
        return nearest


def write_index(
    geometries: Geometries, labels: dict[str, Any], crs: CRS | None, folder: Path, name: str
) -> IndexFile:
    """Write an index and the ids and names of its features into the folder of answers.

    Parameters
    ----------
    geometries
        In lon/lat.
    labels
        A column each, one value a feature.
    crs
        The plane of the nearest; None for areas.
    folder, name
        Where the files go, and what tells them from those of other layers.
    """
    path, texts = folder / f"_{name}.index", folder / f"_{name}.labels"
    table = pa.table({"geometry": shapely.to_wkb(geometries)})
    with draft_file(path) as draft:
        feather.write_feather(table, draft, compression="uncompressed")
    write_labels(labels, texts)
    plane = "" if crs is None else crs.to_wkt()
    return IndexFile(str(path), str(texts), plane, digest_files([path, texts]))


OPENING = threading.Lock()
"""Two threads that need the same index at once open it once."""


def open_index(file: IndexFile) -> OpenIndex:
    """Open an index by path; once in a process, and only if it is the one that was planned.

    Raises
    ------
    DataError
        The file is not there, or has other bytes.
    """
    with OPENING:
        return _open_index(file)


@lru_cache(maxsize=4)
def _open_index(file: IndexFile) -> OpenIndex:
    paths = [Path(file.path), Path(file.labels)]
    for path in paths:
        if not path.is_file():
            raise DataError(
                N_("this worker does not see the file"),
                where=str(path),
                mend=N_("Put points, answers and cache on a disk that every worker has there"),
            )
    if file.digest and digest_files(paths) != file.digest:
        raise DataError(
            N_("this worker sees another file there than the one that was planned"),
            where=file.path,
            mend=N_("Put points, answers and cache on a disk that every worker has there"),
        )
    with pa.memory_map(file.path) as source:
        table = pa.ipc.open_file(source).read_all()
    geometries = shapely.from_wkb(table["geometry"].to_numpy())
    labels = open_labels(file.labels, file.digest)
    if not file.crs:
        return OpenIndex(WithinIndex.of(geometries), labels)
    crs = CRS.from_wkt(file.crs)
    return OpenIndex(NearestIndex.of(geometries, crs), labels, crs)


def digest_files(paths: Iterable[Path]) -> str:
    """Return a digest of the bytes of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(limits.JOIN_READ_BYTES):
                digest.update(piece)
    return digest.hexdigest()[:32]
