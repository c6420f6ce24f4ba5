"""Ids and names of the features of a layer as a file, and columns of answers that refer to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import feather

from mapserver.files.drafts import draft_file


def convert_labels(columns: dict[str, Any]) -> dict[str, pa.Array]:
    """Return ids and names as Arrow has texts.

    Parameters
    ----------
    columns
        A column of texts each, one value a feature, as pandas holds them.
    """
    return {
        name: pa.array([None if pd.isna(value) else str(value) for value in values], pa.string())
        for name, values in columns.items()
    }


def write_labels(labels: dict[str, pa.Array], path: Path) -> None:
    """Write ids and names as an Arrow file; the folder is there."""
    with draft_file(path) as draft:
        # Uncompressed, so that it is mapped into memory and not read.
        feather.write_feather(pa.table(labels), draft, compression="uncompressed")


def open_labels(path: Path) -> dict[str, pa.Array]:
    """Open ids and names as columns."""
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    return {name: table[name].combine_chunks() for name in table.column_names}


def refer_to_labels(feature: npt.NDArray[Any], labels: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Return columns of ids and names for the features of rows; null where there is none.

    Parameters
    ----------
    feature
        The position of a feature for each row; -1 for none.
    labels
        A column each, one value a feature.

    Notes
    -----
    Each text is held once, and each row refers to it by number: a hundred million texts are never
    made. Only texts that the rows refer to are there, in the order of the features, so that a file
    of few points does not hold the names of a whole country.
    """
    count = len(next(iter(labels.values())))
    # -1 stands for none, and as a position it is the last one: that of a place behind all others.
    is_used = np.zeros(count + 1, bool)
    is_used[feature] = True
    used = np.flatnonzero(is_used[:count])
    number = np.cumsum(is_used, dtype=np.int32) - np.int32(1)
    codes = pa.array(number[feature], mask=feature < 0 if is_used[count] else None)
    return {
        name: pa.DictionaryArray.from_arrays(codes, texts.take(pa.array(used)))
        for name, texts in labels.items()
    }


def drop_null_labels(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return a column without nulls among its texts: rows that refer to one are null themselves.

    Parquet has no null in a dictionary; a feature without a name is one.
    """
    texts = column.dictionary
    if not texts.null_count:
        return column
    is_null = texts.is_null().to_numpy(zero_copy_only=False)
    number = np.cumsum(~is_null, dtype=np.int32) - np.int32(1)
    codes = column.indices.fill_null(0).to_numpy(zero_copy_only=False)
    is_empty = column.indices.is_null().to_numpy(zero_copy_only=False) | is_null[codes]
    shifted = np.where(is_empty, 0, number[codes]).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(shifted, mask=is_empty), texts.drop_null())
