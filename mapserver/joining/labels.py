"""Ids and names of the features of a layer as a file, and columns of answers that refer to them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import feather

from mapserver.files.drafts import draft_file


def write_labels(columns: dict[str, Any], path: Path) -> None:
    """Write ids and names as an Arrow file, which workers map into their memory.

    Parameters
    ----------
    columns
        A column of texts each, one value a feature, as pandas holds them.
    path
        The file; the folder is there.
    """
    arrays = {
        name: pa.array(pd.array(values).astype(object), pa.string(), from_pandas=True)
        if not isinstance(values, pd.arrays.ArrowStringArray)
        else pa.array(values).cast(pa.string())
        for name, values in columns.items()
    }
    with draft_file(path) as draft:
        # Uncompressed, so that it is mapped into memory and not read.
        feather.write_feather(pa.table(arrays), draft, compression="uncompressed")


@lru_cache(maxsize=16)
def open_labels(path: str, digest: str) -> dict[str, pa.Array]:  # noqa: ARG001 -- another digest is another file
    """Open ids and names as columns; once in a process for each file."""
    with pa.memory_map(path) as source:
        table = pa.ipc.open_file(source).read_all()
    return {name: table[name].combine_chunks() for name in table.column_names}


def refer_to_labels(feature: npt.NDArray[Any], labels: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Return columns of ids and names for the features of rows; null where there is none.

    Parameters
    ----------
    feature
        The position of a feature for each row; negative for none.
    labels
        A column each, one value a feature.

    Notes
    -----
    Each text is held once, and each row refers to it by number: a hundred million texts are never
    made. Only texts that the rows refer to are there, in the order of the features, so that a file
    of few points does not hold the names of a whole country.
    """
    is_empty = feature < 0
    has_empty = bool(is_empty.any())
    count = len(next(iter(labels.values())))
    is_used = np.zeros(count + 1, bool)
    # Negative numbers count from the end: the last place takes those without a feature.
    is_used[np.where(is_empty, count, feature) if has_empty else feature] = True
    used = np.flatnonzero(is_used[:count])
    number = np.cumsum(is_used, dtype=np.int32) - np.int32(1)
    code = number[np.where(is_empty, 0, feature) if has_empty else feature]
    codes = pa.array(code, mask=is_empty if has_empty else None)
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
