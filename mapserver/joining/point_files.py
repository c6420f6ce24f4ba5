"""The files of points of a join: which there are, and what their footers say of them."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from mapserver.errors import N_, DataError, Phrase, QueryError
from mapserver.files.damage import describe_os_error
from mapserver.joining.other_formats import refuse_other_format
from mapserver.settings import limits

ENDINGS = (".parquet", ".geoparquet", ".parq", ".pq")
"""Endings of the files of a folder that are read, in small letters or large ones."""
Result = TypeVar("Result")
MAGIC = b"PAR1"
"""The last four bytes of a Parquet file; before them stands the size of its footer (4 bytes)."""


@dataclass(frozen=True, slots=True)
class PointFile:
    """A file of points as it was planned.

    Attributes
    ----------
    name
        Its path within the folder of points, with ``/`` between.
    path
        Where it lies.
    size_bytes, written_ns
        Its size, and the time of its last change in nanoseconds.
    footer
        Digest of its footer, which knows where each page lies and its least and greatest values.
    """

    name: str
    path: Path
    size_bytes: int
    written_ns: int
    footer: str


def list_points(points: Path, out: Path) -> dict[str, Path]:
    """List the files of points by name: the one that is named, or those of a folder.

    Parameters
    ----------
    points
        A Parquet file, or a folder; its folders are looked through, too. What begins with ``.`` or
        ``_`` belongs to other programs and is left out, as all readers of such folders do.
        Links to folders are among the names, and links to nowhere that may be points: they are
        refused when they are looked at, with all else that cannot be joined.
    out
        The folder of answers, which may not lie among the points.

    Raises
    ------
    DataError
        There is no such file or folder, no Parquet file in it, or a folder that cannot be read.
    """
    if points.is_file():
        return {points.name: points}
    if not points.is_dir():
        raise DataError(
            N_("there is no such file or folder"),
            where=str(points),
            mend=N_("Check the name and the folder"),
        )
    inner, outer = points.resolve(), out.resolve()
    if inner == outer or inner in outer.parents or outer in inner.parents:
        raise DataError(
            N_("the points and the answers may not lie in one another"),
            where=str(out),
            mend=N_("Choose another folder for the answers"),
        )
    names = sorted(path.relative_to(points).as_posix() for path in _walk_points(points))
    if not names:
        raise DataError(
            N_("there is no Parquet file in this folder"),
            where=str(points),
            mend=N_("Write the points as files that end in {endings}"),
            endings=", ".join(ENDINGS),
        )
    if len(names) > limits.MAX_JOIN_PARTS:
        raise DataError(
            N_("there are {count} files, and at most {most} are joined at once"),
            where=str(points),
            mend=N_("Join some folders of it after the other"),
            count=len(names),
            most=limits.MAX_JOIN_PARTS,
        )
    return {name: points / name for name in names}


def _walk_points(points: Path) -> Iterator[Path]:
    """Return what may be points in a folder and its folders, also what cannot be read.

    What were left out here would be missing among the answers, and nobody would be told.

    Raises
    ------
    DataError
        A folder cannot be read.
    """

    def refuse(error: OSError) -> NoReturn:
        place = Path(error.filename).relative_to(points).as_posix()
        raise DataError(
            N_("the folder cannot be read: {reason}"),
            where=str(points) if place == "." else place,
            mend=N_("Give this user the right to read it, or take it out of the folder of points"),
            reason=str(error.strerror),
        ) from error

    for place, folders, files in os.walk(points, onerror=refuse):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        for name in folders:
            path = Path(place, name)
            if path.is_symlink():
                yield path
        for name in files:
            path = Path(place, name)
            if _is_hidden(name):
                continue
            # A link to nowhere without an ending may be to a folder on a disk that is not there.
            if path.suffix.lower() in ENDINGS or (not path.suffix and not path.exists()):
                yield path


def map_files(function: Callable[[str], Result], names: Iterable[str]) -> list[Result]:
    """Return what a function returns for each file; it is called for all, also if one is damaged.

    Raises
    ------
    DataError or QueryError
        The first that was raised; it names the other files that cannot be joined, so that nobody
        has to mend them one after the other.
    """
    results: list[Result] = []
    errors: dict[str, DataError | QueryError] = {}
    for name in names:
        try:
            results.append(function(name))
        except (DataError, QueryError) as error:
            errors[name] = error
    if not errors:
        return results
    (_, first), *others = errors.items()
    if not others:
        raise first
    shown = [name for name, _ in others[: limits.MAX_NAMED_COLUMNS]]
    rest = len(others) - len(shown)
    # The place of a wrong question is its parameter, and that of wrong data a file.
    place = "parameter" if isinstance(first, QueryError) else "where"
    values: dict[str, object] = {
        "reason": Phrase(first.what, **first.values),
        "others": ", ".join(shown) + (f" … +{rest}" if rest else ""),
    }
    raise type(first)(
        N_("{reason}; and other files cannot be joined: {others}"),
        mend=first.mend,
        **cast("dict[str, Any]", first.values | values | {place: first.where}),
    ) from first


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def look_at_file(path: Path, name: str) -> PointFile:
    """Look at a Parquet file: size, time of change, and a digest of its footer.

    Raises
    ------
    DataError
        It cannot be opened, or is no Parquet file.
    """
    try:
        state = path.stat()
        _require_file(path, name, state.st_mode)
        footer = read_footer(path, name)
    except OSError as error:
        if path.is_symlink() and not path.exists():
            raise DataError(
                N_("this is a link to {target}, which is not there"),
                where=name,
                mend=N_("Mend the link or remove it; a disk that it leads to may not be mounted"),
                target=repr(str(path.readlink())),
            ) from error
        raise describe_os_error(error, name) from error
    digest = hashlib.sha256(footer).hexdigest()[:32]
    return PointFile(name, path, state.st_size, state.st_mtime_ns, digest)


def _require_file(path: Path, name: str, mode: int) -> None:
    """Refuse what is no file, before it is opened: a pipe would wait for a writer for ever.

    Raises
    ------
    DataError
        It is a link to a folder, or something else.
    """
    if stat.S_ISDIR(mode):
        # It might lead to a folder that it lies in, or to one that is joined already.
        raise DataError(
            N_("this is a link to a folder ({target}), and such links are not followed"),
            where=name,
            mend=N_("Put the folder itself there, or join it by itself and remove the link"),
            target=repr(str(path.readlink())),
        )
    if not stat.S_ISREG(mode):
        raise DataError(
            N_("this is neither a file nor a folder"),
            where=name,
            mend=N_("Remove it, or give it another ending than that of a file of points"),
        )


def read_footer(path: Path, name: str) -> bytes:
    """Read the footer of a Parquet file as it stands in it.

    Raises
    ------
    DataError
        The file does not end as one does; or it is of another format, which the message names.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        # The end is the footer, its size, and the magic; a file has the magic at its start, too.
        file.seek(max(size - 8, 0))
        tail = file.read(8)
        length = struct.unpack("<I", tail[:4])[0] if len(tail) == 8 else 0
        if tail[4:] != MAGIC or not 0 < length <= min(size - 12, limits.MAX_PARQUET_FOOTER_BYTES):
            file.seek(0)
            refuse_other_format(file.read(limits.JOIN_HEAD_BYTES), name)
            raise DataError(
                N_("this is no whole Parquet file"),
                where=name,
                mend=N_("Write it again; a copy may have been cut off"),
            )
        file.seek(size - 8 - length)
        return file.read(length)
