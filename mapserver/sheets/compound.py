"""Compound files, the outside of an ``.xls``: chains of sectors that must come to an end.

What reads workbooks follows such a chain as long as it goes on. One that leads back into itself
would fill the memory and end the whole program, which no exception handler can prevent.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

HEADER_BYTES = 512
IN_HEADER = 109
"""Numbers of sectors that the header itself has room for ([MS-CFB] 2.2)."""

LAST_SECTOR = 0xFFFFFFFA
"""Numbers from here on are marks: free, end of a chain, part of the table itself."""

Sectors = npt.NDArray[np.uint32]


def has_endless_chain(path: Path) -> bool:
    """Return whether any chain of sectors in a compound file leads back into itself.

    Raises
    ------
    ValueError
        It is no compound file, or its table lies outside of it.
    """
    data = path.read_bytes()
    if len(data) < HEADER_BYTES:
        message = "the compound file breaks off in its header"
        raise ValueError(message)
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in {9, 12}:
        message = f"sectors of 2^{shift} bytes"
        raise ValueError(message)
    size = 1 << shift
    small_start, _, list_start = struct.unpack_from("<3I", data, 60)
    numbers = np.frombuffer(data, "<u4", IN_HEADER, 76)
    # The list of the table's sectors goes on in a chain of its own for files of over 7 MB.
    for _ in range(len(data) // size):
        if list_start >= LAST_SECTOR:
            break
        part = _read_sector(data, list_start, size)
        numbers, list_start = np.concatenate([numbers, part[:-1]]), int(part[-1])
    else:
        return True
    table_sectors = numbers[numbers < LAST_SECTOR]
    if len(table_sectors) > len(data) // size:
        return True
    table = _join([_read_sector(data, int(number), size) for number in table_sectors])
    if _has_ring(table):
        return True
    small = [_read_sector(data, number, size) for number in _follow(table, small_start)]
    return _has_ring(_join(small))


def _read_sector(data: bytes, number: int, size: int) -> Sectors:
    start = (number + 1) * size
    if start + size > len(data):
        message = f"sector {number} lies outside of the file"
        raise ValueError(message)
    return np.frombuffer(data, "<u4", size // 4, start)


def _join(parts: list[Sectors]) -> Sectors:
    return np.concatenate(parts) if parts else np.array([], "<u4")


def _follow(table: Sectors, number: int) -> list[int]:
    """List the sectors of a chain, of a table without rings."""
    chain = []
    while number < len(table):
        chain.append(number)
        number = int(table[number])
    return chain


def _has_ring(table: Sectors) -> bool:
    """Return whether following the table from any sector never ends.

    Notes
    -----
    Each round doubles the steps: after the last one every sector has gone as many steps as there
    are sectors, and one that is still at a sector goes round.
    """
    end = len(table)
    after = np.append(np.where(table < end, table, end), end).astype(np.intp)
    for _ in range(max(1, end.bit_length())):
        after = after[after]
    return bool((after != end).any())
