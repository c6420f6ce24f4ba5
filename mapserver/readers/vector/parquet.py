"""Texts that a Parquet file holds once and repeats: how large they are before they are repeated."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mapserver.files.sizes import require_unpacked_size
from mapserver.settings import limits


def require_moderate_texts(path: Path, metadata: pq.FileMetaData, name: str) -> None:
    """Refuse texts or geometries that are small in the file and too large for the memory.

    A column may hold one text of a megabyte and say of each of two million rows that it has it.

    Parameters
    ----------
    path
        The file.
    metadata
        What the file states of its columns.
    name
        Of the file, for messages.

    Raises
    ------
    DataError
        Together they unpack to more than a file may have.
    """
    columns = sorted(_find_repeating(metadata))
    if not columns:
        return
    # As a dictionary each text is held once, with a number for each row.
    table = pq.read_table(path, columns=columns, read_dictionary=columns)
    chunks = [chunk for column in table.columns for chunk in column.chunks]
    require_unpacked_size(sum(map(_measure_bytes, chunks)), name)


def _find_repeating(metadata: pq.FileMetaData) -> set[str]:
    """Find the columns that could unpack to too much; lists and structures are not among them."""
    column_names: set[str] = set()
    for group in range(metadata.num_row_groups):
        for position in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(position)
            # A text is at most as long as all that is written of the column.
            largest = chunk.num_values * chunk.total_uncompressed_size
            is_text = chunk.physical_type == "BYTE_ARRAY" and "." not in chunk.path_in_schema
            if is_text and chunk.has_dictionary_page and largest > limits.MAX_FILE_BYTES:
                column_names.add(chunk.path_in_schema)
    return column_names


def _measure_bytes(chunk: pa.Array) -> int:
    if not isinstance(chunk, pa.DictionaryArray):
        return int(chunk.nbytes)
    # Length of each distinct text, repeated as often as rows refer to it: the unpacked size in
    # bytes.
    lengths = pc.binary_length(chunk.dictionary)
    return int(pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0)
