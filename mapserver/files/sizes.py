"""How large a file may be that is held in memory as a layer or a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.settings import limits


def require_size(paths: Iterable[Path], name: str) -> None:
    """Refuse files that are too large to be held in memory.

    Raises
    ------
    DataError
        Together they have more than ``limits.MAX_FILE_BYTES``.
    """
    # A shapefile's parts are held in memory together, so they count together.
    size_bytes = sum(path.stat().st_size for path in paths)
    if size_bytes > limits.MAX_FILE_BYTES:
        raise _describe_excess(N_("the file has {size} MB, more than {limit} MB"), size_bytes, name)


def require_unpacked_size(size_bytes: int, name: str) -> None:
    """Refuse what unpacks to too much, before anything is unpacked.

    Parameters
    ----------
    size_bytes
        The size, as the archive states them.
    name
        Of the file, for messages.

    Raises
    ------
    DataError
        It is more than ``limits.MAX_FILE_BYTES``.
    """
    if size_bytes > limits.MAX_FILE_BYTES:
        raise _describe_excess(
            N_("the archive unpacks to {size} MB, more than {limit} MB"), size_bytes, name
        )


def _describe_excess(what: str, size_bytes: int, name: str) -> DataError:
    return DataError(
        what,
        where=name,
        mend=N_("Split it, or leave out what the map does not need"),
        # Whole MiB, as file managers show them.
        size=size_bytes // 2**20,
        limit=limits.MAX_FILE_BYTES // 2**20,
    )
