"""What came of a join: where the answers are, how many there are, and what was bad."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from mapserver.errors import N_, DataError, Phrase, printable
from mapserver.files.damage import translate_read_errors
from mapserver.joining.progress import format_speed

if TYPE_CHECKING:
    import pyarrow.dataset as ds


@dataclass(frozen=True)
class Joined:
    """What came of a join from Parquet to Parquet.

    Attributes
    ----------
    out
        The folder of answers.
    parts
        The files in it, in the order of the files of points.
    rows, written
        Points that were read, and rows of answers: a point in two areas has two.
    answered
        How many points have an answer, by the id of the layer that was asked.
    bad
        Rows without a usable place, by kind: ``problem``, ``rows``, and ``file`` and ``row``
        (counted from 1) of the first. They are in the answers, with their ``problem``.
    seconds
        How long it took.
    resumed
        How many parts an earlier run had done already.
    notes
        What was started anew, removed or replaced, and why, as sentences.
    new_rows
        Points that were read in this run: those of parts that were done already are not.
    """

    out: Path
    parts: tuple[Path, ...]
    rows: int
    written: int
    answered: dict[str, int]
    bad: pd.DataFrame
    seconds: float
    resumed: int = 0
    notes: tuple[Phrase, ...] = ()
    new_rows: int = 0

    def read(self, columns: Sequence[str] | None = None) -> gpd.GeoDataFrame:
        """Read the answers into memory.

        Parameters
        ----------
        columns
            Only these; the geometry comes with them.

        Returns
        -------
        GeoDataFrame
            All rows in the order of the parts. Geometries are in the CRS of the first part, and in
            the column that it has them in: a part in another CRS is converted.

        Raises
        ------
        DataError
            A part cannot be read, or cannot stand in one frame with the first.
        """
        wanted = list(columns) if columns is not None else None
        frames = []
        for path in self.parts:
            name = path.relative_to(self.out).as_posix()
            with translate_read_errors(name, path):
                frames.append(_read_frame(path, wanted))
            frames[-1] = _rename_geometry(frames[-1], frames[0].geometry.name, name)
        return gpd.GeoDataFrame(pd.concat(_convert_alike(frames), ignore_index=True))

    def dataset(self) -> ds.Dataset:
        """Open the answers without reading them: for pyarrow, DuckDB, Polars and the like."""
        import pyarrow.dataset as ds  # noqa: PLC0415 -- few look at answers in this way

        return ds.dataset([str(path) for path in self.parts], format="parquet")

    def __repr__(self) -> str:
        """Return what came of it, in a line."""
        answers = ", ".join(f"{count:,} in {layer}" for layer, count in self.answered.items())
        bad = int(self.bad["rows"].sum())
        # A speed is that of this run: what an earlier one had done took no time of it.
        is_measured = self.new_rows > 0 and self.seconds > 0
        speed = f", {format_speed(self.new_rows / self.seconds)}" if is_measured else ""
        return (
            f"<Joined {self.rows:,} rows into {printable(self.out)}: {answers}; "
            f"{bad:,} bad; {self.seconds:.1f} s{speed}>"
        )

    def _repr_html_(self) -> str:
        """Return what came of it, for a notebook; texts from files are text."""
        text = f"<p>{html.escape(repr(self)[1:-1])}</p>"
        notes = "".join(f"<p>{html.escape(printable(note))}</p>" for note in self.notes)
        if not len(self.bad):
            return text + notes
        cells = [
            "".join(f"<td>{html.escape(printable(value))}</td>" for value in row)
            for row in self.bad.itertuples(index=False)
        ]
        head = "".join(f"<th>{name}</th>" for name in self.bad.columns)
        rows = "".join(f"<tr>{line}</tr>" for line in cells)
        return f"{text}{notes}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _read_frame(path: Path, columns: list[str] | None) -> gpd.GeoDataFrame:
    if columns is None:
        return gpd.read_parquet(path)
    import pyarrow.parquet as pq  # noqa: PLC0415 -- only to find the geometry's name

    from mapserver.joining.place_columns import find_places  # noqa: PLC0415 -- likewise

    schema = pq.read_schema(path)
    geometry = find_places(schema, None, path.name).columns[0]
    return gpd.read_parquet(path, columns=list(dict.fromkeys([*columns, geometry])))


def _rename_geometry(frame: gpd.GeoDataFrame, name: str, file: str) -> gpd.GeoDataFrame:
    """Return a frame with its geometry in the column that the first part has it in.

    Raises
    ------
    DataError
        The part has another column that is called so.
    """
    if frame.geometry.name == name:
        return frame
    if name in frame:
        raise DataError(
            N_("its geometry is in column {column}, and {other} is another column of it"),
            where=file,
            mend=N_("Read the parts one by one: geopandas.read_parquet(joined.parts[0])"),
            column=repr(frame.geometry.name),
            other=repr(name),
        )
    renamed: gpd.GeoDataFrame = frame.rename_geometry(name)
    return renamed


def _convert_alike(frames: Iterable[gpd.GeoDataFrame]) -> list[gpd.GeoDataFrame]:
    """Return frames whose columns of geometries have the CRS of the first that has a CRS.

    Degrees from columns lon and lat are CRS84, and those of most GeoParquet EPSG:4326: the same but
    for the order of axes, which neither file follows. They need no conversion, only one name.
    """
    first: dict[str, CRS] = {}
    alike = []
    for each in frames:
        frame = each
        for name in frame.columns[frame.dtypes == "geometry"]:
            shapes = frame[name]
            crs = first.setdefault(name, shapes.crs) or shapes.crs
            first[name] = crs
            if shapes.crs is None or shapes.crs == crs:
                continue
            if shapes.crs.equals(crs, ignore_axis_order=True):
                shapes = shapes.set_crs(crs, allow_override=True)
            else:
                shapes = shapes.to_crs(crs)
            if name == frame.geometry.name:
                frame = frame.set_geometry(shapes)
            else:
                frame = frame.assign(**{name: shapes})
        alike.append(frame)
    return alike
