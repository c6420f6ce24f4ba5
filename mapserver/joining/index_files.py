"""The indexes of a join: shared by threads as they are, opened from files by other processes."""

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
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.geo.geodesy import Floats
from mapserver.index import Nearest, NearestIndex, WithinIndex, identify_index
from mapserver.joining.labels import convert_labels, open_labels, write_labels
from mapserver.joining.question import IndexFile

FEW_POINTS = 200
"""Up to so many points plain Python answers in some hundredths of a second. Where there are more,
the compiled search is loaded, which takes a second once, or a folder of thousands of small files
would take a hundred times as long."""
PLAIN_POINTS = 2_000
"""Up to so many points the index itself answers in plain Python (``index/plane``)."""


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

    def prepare(self, crs: CRS) -> None:
        """Have an index of areas make what it needs for points in a CRS, in one thread alone."""
        if isinstance(self.index, WithinIndex):
            with OPENING:
                self.index.find_containment(crs, np.zeros(1), np.zeros(1))

    def find_areas(
        self, crs: CRS, x: Floats, y: Floats, threads: int
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[Any]]:
        """Return the point and the area of each row of answers; -1 for a point in none."""
        assert isinstance(self.index, WithinIndex)  # noqa: S101 -- a question asks areas of areas
        return self.index.find_containment(crs, x, y, threads=threads).list_rows()

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
        assert isinstance(self.index, NearestIndex)  # noqa: S101 -- a question asks it of these
        points = len(lon)
        if FEW_POINTS < points <= PLAIN_POINTS:
            # Repeated until they are many enough for the compiled search.
            lon, lat = (np.resize(column, PLAIN_POINTS + 1) for column in (lon, lat))
            if plane is not None:
                plane = (np.resize(plane[0], len(lon)), np.resize(plane[1], len(lon)))
        # All of a batch at once: the search sorts it in space, which makes random points cheaper.
        block = max(len(lon), 1)
        nearest = self.index.query(lon, lat, k, max_distance_m, plane, threads=threads, block=block)
        if len(lon) == points:
            return nearest
        return nearest.select_rows(nearest.point < points)


OPENING = threading.RLock()
"""Two threads that need the same index at once make or open it once."""
_in_memory: dict[IndexFile, OpenIndex] = {}


def reopen_index(index: OpenIndex) -> OpenIndex:
    """Open an index from its file, if it has one, where it holds no geometry of the city."""
    path = index.index.path
    if path is None:
        return index
    opened = type(index.index).open(path, check=False)  # the city has just checked it
    return OpenIndex(opened, index.labels, index.crs)


def lend_index(index: OpenIndex, name: str) -> IndexFile:
    """Lend an index to the threads of this process: no file is needed.

    Returns
    -------
    IndexFile
        By which :func:`open_index` finds it, until :func:`take_back`.
    """
    file = IndexFile(path="", labels=f"{name}@{id(index.index)}")
    _in_memory[file] = index
    return file


def take_back(files: Iterable[IndexFile]) -> None:
    """End what :func:`lend_index` began, so that the memory can be freed."""
    for file in files:
        _in_memory.pop(file, None)


def write_index(index: OpenIndex, folder: Path, name: str, *, is_shared: bool) -> IndexFile:
    """Have an index and the ids and names of its features in files that workers open.

    Parameters
    ----------
    index
        As this process has it.
    folder, name
        The folder of answers, which every worker sees, and what tells these files from others.
    is_shared
        Whether workers see the files of this user: then an index that has one needs no other.
    """
    path = index.index.path if is_shared else None
    if path is None:
        path = folder / f"_{name}.index"
        index.index.write(path)
    texts = folder / f"_{name}.labels"
    write_labels(index.labels, texts)
    plane = "" if index.crs is None else index.crs.to_wkt()
    return IndexFile(str(path), str(texts), plane, digest_files(path, texts))


def remove_files(folder: Path) -> None:
    """Remove indexes from the folder of answers: the next join makes them in seconds."""
    for pattern in ("_*.index", "_*.labels"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def open_index(file: IndexFile) -> OpenIndex:
    """Open an index by path; once in a process, and only if it is the one that was planned.

    Raises
    ------
    DataError
        The file is not there, or has other bytes.
    """
    with OPENING:
        return _in_memory.get(file) or _open_file(file)


@lru_cache(maxsize=4)
def _open_file(file: IndexFile) -> OpenIndex:
    path, texts = Path(file.path), Path(file.labels)
    for needed in (path, texts):
        if not needed.is_file():
            raise DataError(
                N_("this worker does not see the file"),
                where=str(needed),
                mend=N_("Put points, answers and cache on a disk that every worker has there"),
            )
    if digest_files(path, texts) != file.digest:
        raise DataError(
            N_("this worker sees another file there than the one that was planned"),
            where=file.path,
            mend=N_("Put points, answers and cache on a disk that every worker has there"),
        )
    labels = open_labels(texts)
    # Here the sums of its blocks are compared, by which it has just been told from others.
    if not file.crs:
        return OpenIndex(WithinIndex.open(path), labels)
    return OpenIndex(NearestIndex.open(path), labels, CRS.from_wkt(file.crs))


def make_open_index(
    index: WithinIndex | NearestIndex, labels: dict[str, Any], crs: CRS | None
) -> OpenIndex:
    """Put an index together with ids and names as pandas holds them."""
    return OpenIndex(index, convert_labels(labels), crs)


def digest_files(index: Path, labels: Path) -> str:
    """Return a digest by which an index and its ids and names are told from all others."""
    digest = hashlib.sha256(identify_index(index).encode())
    digest.update(labels.read_bytes())
    return digest.hexdigest()[:32]
