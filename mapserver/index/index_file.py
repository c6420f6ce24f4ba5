"""An index as one file: a header in JSON, and arrays that are mapped into memory as they stand.

The file begins with ``MAGIC``, the length of the header (8 bytes, little endian) and the digest of
the header. After the header come the arrays, each at a multiple of 64 bytes, and at the end the sum
of each block of them. Opening reads the header and adds up the blocks, some hundredths of a second
for a country; all else is read by whoever asks, and shared by all processes that map the file.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from mapserver.errors import N_, DataError
from mapserver.files.damage import describe_os_error
from mapserver.files.drafts import draft_file
from mapserver.geo.threads import map_in_threads
from mapserver.settings import limits
from mapserver.settings.units import KIB

FORMAT = 1
"""Number of the format. It grows with every change of the arrays, of what they mean, or of how they
are computed: a file of another number is made anew and never read."""
MAGIC = b"maenidx\n"
PREFIX_LENGTH = 48
"""``MAGIC``, the length of the header in 8 bytes, and its digest in 32."""
ALIGNMENT = 64
"""A cache line of the processor, and more than any instruction asks for."""
SUMMED = 64 * KIB
"""Bytes of a block that is added up: 8,192 numbers of 64 bits."""
MEND = N_("Delete it; it is made anew from the layer when it is next needed")

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class IndexParts:
    """What an index is made of: facts that JSON can hold, and arrays, by their names.

    Attributes
    ----------
    facts
        Numbers and texts.
    arrays
        Arrays of plain numbers.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)

    def nest(self, name: str, parts: IndexParts) -> None:
        """Add the parts of something within, under its name."""
        self.facts[name] = parts.facts
        self.arrays.update({f"{name}.{key}": array for key, array in parts.arrays.items()})

    def part(self, name: str) -> IndexParts:
        """Return the parts of something within.

        Raises
        ------
        KeyError
            There is nothing of that name.
        """
        prefix = f"{name}."
        arrays = {
            key.removeprefix(prefix): array
            for key, array in self.arrays.items()
            if key.startswith(prefix)
        }
        return IndexParts(self.facts[name], arrays)

    def take(self, name: str, dtype: str) -> Array:
        """Return an array that has numbers of a type, as ``<f8``.

        Raises
        ------
        KeyError
            There is none of that name and type.
        """
        array = self.arrays[name]
        if array.dtype != np.dtype(dtype):
            raise KeyError(name)
        return array


def write_index(path: Path, kind: str, parts: IndexParts) -> None:
    """Write an index whole or not at all, in place of a file that may be there.

    Parameters
    ----------
    path
        The file.
    kind
        What index it is: one of another kind is never taken for it.
    parts
        Its facts and arrays.

    Raises
    ------
    OSError
        It cannot be written there.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in parts.arrays.items()}
    # The header says where arrays begin, and its length where the first one may. So it is made
    # twice: with numbers as wide as any, to know its length, and then with the true ones.
    room = _align(PREFIX_LENGTH + len(_write_header(kind, parts.facts, arrays, 2**48)))
    with draft_file(path) as draft, draft.open("wb+") as file:
        end = room
        for _, array, offset in _place_arrays(arrays, room):
            file.seek(offset)
            file.write(array.data.cast("B") if array.size else b"")
            end = offset + array.nbytes
        # The sums are of whole blocks, beginning at the first array.
        size = room + -(-(end - room) // SUMMED) * SUMMED
        file.truncate(size)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            sums = _add_up(whole, room, size)
        file.seek(size)
        file.write(sums)
        header = _write_header(kind, parts.facts, arrays, room)
        header += b" " * (room - PREFIX_LENGTH - len(header))
        file.seek(0)
        file.write(MAGIC + len(header).to_bytes(8, "little") + hashlib.sha256(header).digest())
        file.write(header)


def open_index(path: Path, kind: str, *, check: bool = True) -> IndexParts:
    """Open an index: its facts, and its arrays mapped into memory.

    Parameters
    ----------
    path
        The file.
    kind
        What index it must be.
    check
        Whether to look at every byte once, as for a file that lay on a disk; who has just done so
        need not.

    Raises
    ------
    DataError
        It cannot be opened, is no index of this kind and format, or is damaged.
    """
    name = path.name
    try:
        with path.open("rb") as file:
            header, start, size = _read_header(file, name, kind)
            # Copied on writing, which never happens: numba takes an array without the right to
            # write for another type, and would compile all anew.
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except OSError as error:
        raise describe_os_error(error, name) from error
    except ValueError as error:  # an empty file cannot be mapped
        raise _describe_damage(name) from error
    if check:
        sums = whole[size : size + (size - start) // SUMMED * 8]
        if _add_up(whole, start, size) != sums:
            raise _describe_damage(name)
        # What has been looked at counts as memory of this process, all of the file, until it is let
        # go; who asks for a page of it gets it back from the system's cache.
        if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            whole.madvise(mmap.MADV_DONTNEED)
    arrays = {
        array: np.frombuffer(whole, dtype, math.prod(shape), offset).reshape(shape)
        for array, (dtype, shape, offset) in header["arrays"].items()
    }
    return IndexParts(header["facts"], arrays)


def identify_index(path: Path) -> str:
    """Compute a digest of the header of an index, and of the sums of its blocks.

    A file of other bytes has another one, or its sums are wrong and :func:`open_index` refuses it:
    so two files are told apart in a millisecond, and not in the half second that a digest of all of
    their bytes takes for a country.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DataError
        It cannot be opened, is no index of this format, or is cut off.
    """
    try:
        with path.open("rb") as file:
            _, start, end = _read_header(file, path.name)
            digest = hashlib.sha256()
            file.seek(0)
            digest.update(file.read(start))
            file.seek(end)
            digest.update(file.read())
    except OSError as error:
        raise describe_os_error(error, path.name) from error
    return digest.hexdigest()[:32]


def describe_foreign(name: str) -> DataError:
    """Return an error for a file that is no index of what was asked for."""
    return DataError(N_("this is no index that this program has written"), where=name, mend=MEND)


def _describe_damage(name: str) -> DataError:
    return DataError(N_("the index is damaged or cut off"), where=name, mend=MEND)


def _read_header(
    file: BinaryIO, name: str, kind: str | None = None
) -> tuple[dict[str, Any], int, int]:
    """Read the header; return it, where the arrays begin, and where their last block ends."""
    size = file.seek(0, 2)
    file.seek(0)
    prefix = file.read(PREFIX_LENGTH)
    if len(prefix) < PREFIX_LENGTH or not prefix.startswith(MAGIC):
        raise describe_foreign(name)
    length = int.from_bytes(prefix[8:16], "little")
    if length > limits.MAX_INDEX_HEADER_BYTES or size > limits.MAX_INDEX_BYTES:
        raise DataError(
            N_("the index has {size} MB, more than {limit} MB"),
            where=name,
            mend=MEND,
            size=max(size, length) // 2**20,
            limit=limits.MAX_INDEX_BYTES // 2**20,
        )
    raw = file.read(length)
    if hashlib.sha256(raw).digest() != prefix[16:]:
        raise _describe_damage(name)
    header: dict[str, Any] = json.loads(raw)
    if header["format"] != FORMAT:
        raise DataError(
            N_("the index has format {number}, and this program reads {own}"),
            where=name,
            mend=MEND,
            number=header["format"],
            own=FORMAT,
        )
    if kind is not None and header["kind"] != kind:
        raise describe_foreign(name)
    # Blocks and 8 bytes for the sum of each.
    start = PREFIX_LENGTH + length
    blocks, rest = divmod(size - start, SUMMED + 8)
    if rest or blocks != header["blocks"]:
        raise _describe_damage(name)
    return header, start, start + blocks * SUMMED


def _write_header(kind: str, facts: dict[str, Any], arrays: dict[str, Array], start: int) -> bytes:
    """Write the header of arrays of which the first begins at ``start``."""
    end = start
    places = {}
    for name, array, offset in _place_arrays(arrays, start):
        places[name] = (array.dtype.str, array.shape, offset)
        end = offset + array.nbytes
    blocks = -(-(end - start) // SUMMED)
    header = {"format": FORMAT, "kind": kind, "blocks": blocks, "facts": facts}
    return json.dumps(header | {"arrays": places}).encode()


def _place_arrays(arrays: dict[str, Array], start: int) -> list[tuple[str, Array, int]]:
    """Place arrays one after the other; return the name of each, itself, and where it begins."""
    places = []
    for name, array in arrays.items():
        places.append((name, array, start))
        start = _align(start + array.nbytes)
    return places


def _align(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def _add_up(whole: mmap.mmap, start: int, end: int) -> bytes:
    """Add up the numbers of each block, modulo 2^64: one bit that has turned changes the sum."""
    numbers = np.frombuffer(whole, np.uint64, (end - start) // 8, start).reshape(-1, SUMMED // 8)
    parts = np.array_split(numbers, max(len(numbers) // 256, 1))
    sums = map_in_threads(lambda part: part.sum(axis=1, dtype=np.uint64), parts, numbers.size)
    del numbers, parts  # the map cannot be closed while an array is of it
    return np.concatenate(sums).tobytes()
