"""One part of a join: a file of points in, a file of answers out, in batches.

This is what threads, Dask and Spark run alike (:func:`join_part`): the task names everything by
path, and the file of answers appears whole or not at all.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mapserver.errors import N_, DataError
from mapserver.files.damage import translate_read_errors, translate_write_errors
from mapserver.files.drafts import name_draft
from mapserver.geo.geodesy import Floats
from mapserver.joining.answers import Answers, Asker
from mapserver.joining.bad_rows import (
    FINE,
    NO_PLACE,
    PROBLEMS,
    add_kinds,
    count_kinds,
    refuse_bad_row,
)
from mapserver.joining.decoding import blank_damaged, decode_places
from mapserver.joining.index_files import open_index
from mapserver.joining.part_schema import (
    RECORD,
    PartColumns,
    choose_batch_rows,
    describe_schema,
    encode_points,
    make_schema,
    plan_columns,
)
from mapserver.joining.place_columns import find_places
from mapserver.joining.point_files import look_at_file
from mapserver.joining.question import PartResult, Task
from mapserver.settings import limits

COMPRESSION = "lz4"
"""Of all columns but coordinates and geometries. Measured on a million rows with two columns of
answers: lz4 0.29 s, snappy 0.34, zstd 0.43 and none 0.30. A geometry alone takes 0.16 s with lz4
and 0.09 without, and random digits shrink by no kind."""

WRITTEN_TOGETHER = 65_536
"""Values that Arrow encodes at a time. With its own 1,024 it takes 0.053 s for a million points of
well-known binary, and so 0.032; a page has at least as many, which are some megabytes at most."""

Report = Callable[[int], None]
"""Called with so many rows that were answered since the last call; it may raise to stop."""


def join_part(task: Task, report: Report | None = None) -> PartResult:
    """Answer all points of a file, and write them with their answers into another.

    Parameters
    ----------
    task
        The part.
    report
        Called after each batch with its number of rows.

    Returns
    -------
    PartResult
        What came of it; it stands in the footer of the file, too.

    Raises
    ------
    DataError
        This process does not see the files that were planned; or a row is bad, and that ends the
        join.
    """
    require_same_program(task)
    path = Path(task.points)
    if not path.is_file() or not Path(task.out).parent.is_dir():
        raise DataError(
            N_("this worker does not see the file"),
            where=task.points if not path.is_file() else task.out,
            mend=N_("Put points, answers and cache on a disk that every worker has there"),
        )
    if look_at_file(path, task.name).footer != task.footer:
        raise DataError(
            N_("the file of points has changed since the join began"),
            where=task.name,
            mend=N_("Join again: what is done and has not changed is not done again"),
        )
    indexes = {
        layer: open_index(file)
        for layer, file in zip(task.question.layers, task.indexes, strict=True)
    }
    with (
        translate_read_errors(task.name, path),
        pq.ParquetFile(path, buffer_size=limits.JOIN_READ_BYTES, pre_buffer=False) as file,
    ):
        places = find_places(file.schema_arrow, task.question.crs, task.name)
        columns = plan_columns(file.metadata, places, task.question.keep, task.name)
        asker = Asker(task.question, indexes, places.crs, task.threads)
        with _open_part(Path(task.out)) as draft:
            return _join_batches(task, file, (places, columns, asker), draft, report)


def require_same_program(task: Task) -> None:
    """Refuse a task that another version of this program has planned.

    Raises
    ------
    DataError
        This is another one.
    """
    from mapserver import __version__  # noqa: PLC0415 -- the package imports this module

    if task.program != __version__:
        raise DataError(
            N_("this worker has version {here} of the program, and {there} planned the join"),
            where=task.name,
            mend=N_("Install the same version everywhere"),
            here=__version__,
            there=task.program or "-",
        )


@contextmanager
def _open_part(out: Path) -> Iterator[Path]:
    """Yield a draft beside the part; at the end it takes the part's place, whole."""
    # The name is of this attempt alone: another machine may still work on a part that was taken
    # from it because it did not answer, and its process may have the same number.
    draft = out.with_name(name_draft(out.name, uuid.uuid4().hex))
    try:
        yield draft
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _join_batches(
    task: Task,
    file: pq.ParquetFile,
    plan: tuple[Any, PartColumns, Asker],
    draft: Path,
    report: Report | None,
) -> PartResult:
    """Read, ask and write batch by batch."""
    places, columns, asker = plan
    result = PartResult(task.name, 0, 0, dict.fromkeys(task.question.layers, 0))
    writer: PartWriter | None = None
    rows = written = 0
    answered, bad = dict(result.answered), dict(result.bad)
    try:
        batch_rows = choose_batch_rows(file.metadata, columns, task.question.batch_rows)
        for batch in _read_batches(file, columns, batch_rows):
            x, y, is_missing = decode_places(batch, places)
            answers = asker.ask(x, y, is_missing)
            if answers.codes is not None:
                if task.stop:
                    raise _refuse_first(answers, task.name, rows, x, y)
                bad = add_kinds(bad, count_kinds(answers.codes, rows + 1))
            is_no_place = None if answers.codes is None else answers.codes == NO_PLACE
            whole = blank_damaged(batch, places, is_no_place)
            joined = put_together(whole, columns, answers, (x, y))
            with translate_write_errors(task.out, draft, N_("Look whether the disk is full")):
                writer = writer or PartWriter(draft, joined, columns, set(answers.columns))
                writer.write(joined)
            rows += batch.num_rows
            written += joined.num_rows
            for layer, count in answers.answered.items():
                answered[layer] += count
            read_rows = batch.num_rows
            # While the next batch is read and asked, this one would take as much memory again.
            del batch, whole, joined, answers, x, y, is_missing, is_no_place
            if report is not None:
                report(read_rows)
        result = PartResult(task.name, rows, written, answered, bad)
        if rows != task.rows:
            raise DataError(
                N_("the file has {found} rows, and says that it has {said}"),
                where=task.name,
                mend=N_("Write it again; a copy may have been cut off"),
                found=rows,
                said=task.rows,
            )
        with translate_write_errors(task.out, draft, N_("Look whether the disk is full")):
            if writer is not None:
                writer.finish(task.job, task.footer, result)
    finally:
        if writer is not None:
            writer.close()
    return result


def _read_batches(
    file: pq.ParquetFile, columns: PartColumns, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Read batches of rows; of a file without rows one without rows, which has the columns."""
    rows, has_rows = 0, False
    labels = columns.row_labels
    for batch in file.iter_batches(batch_rows, columns=list(columns.read), use_threads=False):
        first_row, rows, has_rows = rows, rows + batch.num_rows, True
        yield batch if labels is None else labels.add_to(batch, first_row)
        del batch  # before the next is read
    if not has_rows:
        schema = pa.schema([file.schema_arrow.field(name) for name in columns.read])
        empty = pa.RecordBatch.from_pylist([], schema)
        yield empty if labels is None else labels.add_to(empty, 0)


def put_together(
    batch: pa.RecordBatch,
    columns: PartColumns,
    answers: Answers,
    places: tuple[Floats, Floats],
) -> pa.RecordBatch:
    """Put the columns of the input and the answers together.

    A column of the input that is called as one of the answers is replaced by it, in its place.
    """
    row = answers.row
    arrays: dict[str, pa.Array] = {}
    fields: dict[str, pa.Field] = {}
    taken = None if row is None else pa.array(row)
    for name in columns.keep:
        column = batch.column(name)
        arrays[name] = column if taken is None else column.take(taken)
        field = batch.schema.field(name)
        # A damaged geometry becomes null, maybe in a later batch: all batches have one schema.
        is_nullable = field.nullable or name == columns.geo["primary_column"]
        fields[name] = field.with_nullable(is_nullable)
    if columns.new_geometry:
        x, y = places if row is None else (places[0][row], places[1][row])
        arrays[columns.new_geometry] = encode_points(x, y)
    for name, array in answers.columns.items():
        arrays[name] = array
        fields.pop(name, None)
    schema = pa.schema(
        [fields.get(name, pa.field(name, array.type)) for name, array in arrays.items()]
    )
    return pa.RecordBatch.from_arrays(list(arrays.values()), schema=schema)


def _refuse_first(answers: Answers, name: str, rows_before: int, x: Floats, y: Floats) -> DataError:
    codes = answers.codes
    assert codes is not None  # noqa: S101 -- asked where there are some
    first = int(np.argmax(codes != FINE))
    kind = PROBLEMS[int(codes[first])]
    return refuse_bad_row(kind, name, rows_before + first + 1, float(x[first]), float(y[first]))


class PartWriter:
    """Writes the batches of a part.

    Parameters
    ----------
    path
        The draft.
    first
        The first batch: all have its columns.
    columns
        Of the part.
    answers
        Names of the columns of answers.
    """

    def __init__(
        self, path: Path, first: pa.RecordBatch, columns: PartColumns, answers: set[str]
    ) -> None:
        repeated = [
            field.name
            for field in first.schema
            if field.name in answers and pa.types.is_dictionary(field.type)
        ]
        self._footer = describe_schema(make_schema(first.schema, answers), columns.geo)
        self._writer = pq.ParquetWriter(
            path,
            first.schema.remove_metadata(),
            compression={
                path: "none" if _is_incompressible(field.type, path) else COMPRESSION
                for field in first.schema
                for path in _list_leaves(field)
            },
            # Texts of answers, and what repeats in the input; numbers seldom do.
            use_dictionary=[*repeated, *columns.repeated] or False,
            dictionary_pagesize_limit=limits.JOIN_DICTIONARY_BYTES,
            write_batch_size=WRITTEN_TOGETHER,
            # Readers skip groups of rows by the least and greatest value of a column. Those of
            # binary geometries say nothing, and those of texts of answers take as long as writing
            # them (0.1 s of 0.29 a million rows) and span all of the layer.
            write_statistics=[
                path
                for field in first.schema
                if field.name not in answers or not pa.types.is_dictionary(field.type)
                for path in _list_leaves(field)
                if not pa.types.is_binary(field.type)
            ],
            store_schema=False,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch as a group of rows."""
        self._writer.write_batch(batch, row_group_size=max(batch.num_rows, 1))

    def finish(self, job: str, footer: str, result: PartResult) -> None:
        """Write into the footer which join this is of, and what came of it."""
        record = {"job": job, "points": footer, "result": result.as_json()}
        text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        self._writer.add_key_value_metadata(self._footer | {RECORD.decode(): text})
        self._writer.close()

    def close(self) -> None:
        """Close the file."""
        if self._writer.is_open:
            self._writer.close()


def _list_leaves(field: pa.Field) -> list[str]:
    """List the paths of the columns that a field becomes in a file: a structure has several."""
    if pa.types.is_struct(field.type):
        children = (field.type.field(i) for i in range(field.type.num_fields))
        return [f"{field.name}.{path}" for child in children for path in _list_leaves(child)]
    if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
        return [f"{field.name}.list.element"]
    return [field.name]


def _is_incompressible(kind: pa.DataType, path: str) -> bool:
    """Return whether values hardly shrink: floating-point numbers, and points among them."""
    return (
        pa.types.is_floating(kind)
        or pa.types.is_binary(kind)
        or (pa.types.is_struct(kind) and path.endswith((".x", ".y")))
    )
