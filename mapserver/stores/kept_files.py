"""The files of a city that the database keeps as they were."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, StoreError
from mapserver.stores.quoting import compose

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a city that the database keeps as it was.

    Attributes
    ----------
    number
        Its number in the database.
    name
        Its path within the city folder.
    written_ns
        Its time of writing, in nanoseconds since 1970.
    sha256
        Of its content.
    """

    number: int
    name: str
    written_ns: int
    sha256: str


def list_files(cursor: psycopg.Cursor[Any], schema: str) -> dict[str, StoredFile]:
    """List the files of a city that the database keeps, by their names.

    Raises
    ------
    StoreError
        A name leads out of the city: somebody has written it by hand.
    """
    cursor.execute(
        compose("SELECT file, name, written_ns, sha256 FROM {schema}._files", schema=schema)
    )
    files = {}
    for number, raw_name, written_ns, digest in cursor.fetchall():
        name = os.fsdecode(bytes(raw_name))
        path = PurePosixPath(name)
        # Files are written below the folder: a name from a database must not lead anywhere else.
        if (
            path.is_absolute()
            or ".." in path.parts
            or path.parts[:1] not in {("gpx",), ("layers",)}
        ):
            raise StoreError(
                N_("the database has a file {name}, which is none of a city"),
                mend=N_("Load the city again"),
                name=repr(name),
            )
        files[name] = StoredFile(number, name, written_ns, digest)
    return files


def iterate_parts(cursor: psycopg.Cursor[Any], schema: str, number: int) -> Any:
    """Yield the content of a file part by part."""
    cursor.execute(
        compose("SELECT count(*) FROM {schema}._parts WHERE file = %s", schema=schema), [number]
    )
    row = cursor.fetchone()
    for part in range(row[0] if row else 0):
        cursor.execute(
            compose(
                "SELECT content FROM {schema}._parts WHERE file = %s AND part = %s", schema=schema
            ),
            [number, part],
            binary=True,
        )
        [content] = cursor.fetchone() or (b"",)
        yield bytes(content)
