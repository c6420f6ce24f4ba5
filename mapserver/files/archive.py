"""Zip archives: opened, and unpacked piece by piece to what they state and no more."""

from __future__ import annotations

import copy
import mmap
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.files.damage import translate_read_errors
from mapserver.settings import limits

ENTRY = b"PK\x01\x02"
"""How each entry of an archive's list of members begins (APPNOTE 4.3.12)."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Compressions that are unpacked; with others a few bytes may become gigabytes at one call."""

LOCKED = 0x1
"""The bit of a member that is encrypted."""


def open_archive(path: Path, name: str) -> zipfile.ZipFile:
    """Open a zip archive; member names without a mark are in cp949, else one to one.

    Raises
    ------
    DataError
        It is broken, or has more members than anybody packs.
    """
    # Before the list of members is read: each of them becomes an object in memory.
    _require_few_members(path, name)
    with _translate_broken_archive(name):
        try:
            archive = zipfile.ZipFile(path, metadata_encoding="cp949")
        except UnicodeDecodeError:
            # cp437 has a character for each byte.
            archive = zipfile.ZipFile(path, metadata_encoding="cp437")
        if not all(archive.namelist()):
            archive.close()
            message = "a file in it has no name"
            raise zipfile.BadZipFile(message)
        return archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """Read one member as a whole; errors are those of :func:`read_pieces`."""
    return b"".join(read_pieces(archive, member, name))


def read_pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Unpack one member in pieces of at most ``limits.UNPACKED_PIECE_BYTES``.

    Who calls this has looked at ``member.file_size``, which is what the archive states. More than
    that is never unpacked.

    Raises
    ------
    DataError
        It is damaged, locked, compressed in an unusual way, or unpacks to another size.
    """
    _require_usual(member, name)
    # One byte more than stated is let through, so that a member that states too little is seen.
    open_member = copy.copy(member)
    open_member.file_size = member.file_size + 1
    size = 0
    with _translate_broken_archive(name), archive.open(open_member) as file:
        while piece := file.read(limits.UNPACKED_PIECE_BYTES):
            size += len(piece)
            yield piece
        if size != member.file_size:
            message = f"{member.filename!r} unpacks to another size than the archive states"
            raise zipfile.BadZipFile(message)


@contextmanager
def _translate_broken_archive(name: str) -> Iterator[None]:
    try:
        with translate_read_errors(name):
            yield
    except DataError as error:
        cause = error.__cause__
        # Our own refusals have no cause; a disk or too little memory is no fault of the archive.
        if cause is None or isinstance(cause, (OSError, MemoryError)):
            raise
        raise DataError(
            N_("the archive is broken: {reason}"),
            where=name,
            mend=N_("Download or zip it again"),
            reason=str(cause) or type(cause).__name__,
        ) from cause


def _require_few_members(path: Path, name: str) -> None:
    """Refuse an archive whose list of members would itself fill the memory."""
    with translate_read_errors(name, path), path.open("rb") as file:
        if not file.seek(0, 2):
            # An empty file cannot be mapped; whoever opens it says so.
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            offset, count = data.find(ENTRY), 0
            # Counted in the raw bytes, as the number that the archive states may be wrong.
            while offset >= 0 and count <= limits.MAX_ARCHIVE_MEMBERS:
                offset, count = data.find(ENTRY, offset + 4), count + 1
    if count > limits.MAX_ARCHIVE_MEMBERS:
        raise DataError(
            N_("the archive holds more than {count} files"),
            where=name,
            mend=N_("Split it"),
            count=limits.MAX_ARCHIVE_MEMBERS,
        )


def _require_usual(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & LOCKED:
        raise DataError(
            N_("the archive is locked with a password"),
            where=name,
            mend=N_("Unpack it, and zip it again without a password"),
        )
    if member.compress_type not in METHODS:
        raise DataError(
            N_("the archive is compressed in a way that is not read here"),
            where=name,
            mend=N_("Unpack it, and zip it again in the usual way (Deflate)"),
        )
