"""What a file held before anything was concluded from it: rows, its own ids and its own CRS."""

from __future__ import annotations

import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of a file as they stand in it.

    Attributes
    ----------
    frame
        Rows with a ``geometry`` column, in the file's own coordinates and without a CRS.
    crs
        The CRS that the file states, if it states one.
    implied
        Without a statement the format means degrees on WGS 84 (GeoJSON, CSV).
    ids
        The features' own ids where the format has them; None for a feature without.
    findings
        What was odd on the way.
    encoding, encoding_from
        How its text is encoded, and what proves it: a message id.
    lines
        For each row of a table its line or row in the file; None where rows have no such number.
    """

    frame: gpd.GeoDataFrame
    crs: CRS | None = None
    implied: bool = False
    ids: npt.NDArray[np.object_] | None = None
    findings: list[Finding] = field(default_factory=list)
    encoding: str = "utf-8"
    encoding_from: str = N_("the format has no other")
    lines: npt.NDArray[np.int64] | None = None


def require_countable(rows: int, columns: int, name: str, size_bytes: int | None = None) -> None:
    """Refuse more rows or cells than can be served, before memory is taken for them.

    Parameters
    ----------
    rows, columns
        As the file states them, which may be wrong.
    size_bytes
        Of the file, in a format in which each row takes a byte at least.
    """
    if size_bytes is not None and rows > size_bytes:
        raise DataError(
            N_("it states {rows} rows, more than its {size} bytes can hold"),
            where=name,
            mend=N_("Export the layer again"),
            rows=rows,
            size=size_bytes,
        )
    if rows > limits.MAX_LAYER_FEATURES or rows * columns > limits.MAX_LAYER_CELLS:
        raise DataError(
            N_("{rows} rows of {columns} columns are too many"),
            where=name,
            mend=N_("Split it, or leave out what the map does not need"),
            rows=rows,
            columns=columns,
        )


def require_bounded(frame: gpd.GeoDataFrame, name: str) -> None:
    """Refuse a layer with more features or vertices than can be served."""
    # Vertices decide how long each later step takes, far more than the number of features.
    vertices = int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum())
    if len(frame) > limits.MAX_LAYER_FEATURES or vertices > limits.MAX_LAYER_VERTICES:
        raise DataError(
            N_("{features} features with {vertices} vertices are too many"),
            where=name,
            mend=N_("Simplify or split it: at most {most_features} and {most_vertices}"),
            features=len(frame),
            vertices=vertices,
            most_features=limits.MAX_LAYER_FEATURES,
            most_vertices=limits.MAX_LAYER_VERTICES,
        )


def describe_second_geometry(column: str, name: str) -> Finding:
    """Return the finding about a further geometry of a layer, of which only the first is read."""
    return Finding(
        Severity.WARNING,
        "column-left-out",
        name,
        N_("column {column} is a second geometry; it is left out"),
        N_("Save it as a layer of its own if it is needed"),
        values={"column": repr(column)},
    )


@contextmanager
def warnings_as_findings(name: str, findings: list[Finding]) -> Iterator[None]:
    """Collect what the libraries warn of while reading a file, instead of printing it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    findings.extend(
        Finding(
            Severity.WARNING,
            "reader-warning",
            name,
            N_("the reader says: {text}"),
            values={"text": text},
        )
        for text in dict.fromkeys(str(warning.message) for warning in caught)
    )


def with_missing_values(frame: gpd.GeoDataFrame, dtypes: Iterable[object]) -> gpd.GeoDataFrame:
    """Return whole numbers and booleans as such; pandas makes them decimal where some are missing.

    Parameters
    ----------
    frame
        As GDAL read it, its columns in the file's order.
    dtypes
        The types of the file's fields, as ``pyogrio.read_info`` has them.
    """
    # Only nullable types of pandas hold whole numbers and truth values beside missing ones.
    holding = {"int": "Int64", "uin": "Int64", "boo": "boolean"}
    columns = [column for column in frame.columns if column != frame.geometry.name]
    wanted = {
        column: holding[str(dtype)[:3]]
        for column, dtype in zip(columns, dtypes, strict=True)
        if str(dtype)[:3] in holding and frame[column].dtype == float
    }
    return frame.astype(wanted) if wanted else frame


def with_exact_integers(
    frame: gpd.GeoDataFrame, read_columns: Callable[[list[str]], pa.Table]
) -> gpd.GeoDataFrame:
    """Return whole numbers with all their digits, of which decimal numbers hold some 15.

    A parcel's number (PNU) has 19; on their way through decimals, which pandas takes where a cell
    is empty, its last digits would be lost.

    Parameters
    ----------
    frame
        As :func:`with_missing_values` returns it.
    read_columns
        Reads columns of the same file as a table of Arrow, rows in the same order.
    """
    # Columns whose numbers stay below 2**53 lost nothing and are not read a second time.
    large = [
        str(column)
        for column in frame.columns
        if frame[column].dtype == "Int64"
        and bool((frame[column].abs() >= limits.MAX_EXACT_INTEGER).any())
    ]
    if not large:
        return frame
    table = read_columns(large)
    exact = {
        column: pd.Series(pd.array(table.column(column).to_pylist(), dtype="Int64"), frame.index)
        for column in large
    }
    return frame.assign(**exact)


def make_unique_names(names: Iterable[str]) -> list[str]:
    """Return names of which none is there twice: a repeated one gets the next free number."""
    all_names = list(names)
    used_names: set[str] = set(all_names)
    counts: Counter[str] = Counter()
    result = []
    for name in all_names:
        counts[name] += 1
        free = name
        # A numbered name may be the name of another column: the next number is tried then.
        while counts[name] > 1 and free in used_names:
            free = f"{name}_{counts[name]}"
            counts[name] += free in used_names
        used_names.add(free)
        result.append(free)
    return result


def with_unique_columns(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame whose columns have a name each; a damaged table may have one twice."""
    return (
        frame
        if frame.columns.is_unique
        else frame.set_axis(make_unique_names(frame), axis="columns")
    )


def normalize_texts(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Convert all text and the column names to Unicode's composed form (NFC).

    Files from macOS hold Hangul in pieces, which looks the same and compares as different.
    """
    changed = {
        # Of a column without any text pandas would make numbers.
        column: frame[column].map(_compose_text).astype(frame[column].dtype)
        for column in frame.columns
        if _may_be_decomposed(frame[column])
    }
    if changed:
        frame = frame.assign(**changed)
    # A copy with other names is made only where a name is written otherwise.
    if any(_compose_text(column) != column for column in frame.columns):
        frame = frame.rename(columns=_compose_text)
    return with_unique_columns(frame)


def _may_be_decomposed(column: pd.Series[Any]) -> bool:
    """Return whether a text of a column may be in another form than NFC."""
    if isinstance(column.dtype, pd.StringDtype):
        # Each part of a text in NFC is in NFC (UAX 15), so one look at all of them is enough.
        return not unicodedata.is_normalized("NFC", "\n".join(column.dropna().to_numpy(object)))
    return column.dtype == object


def _compose_text(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
