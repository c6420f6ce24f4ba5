"""What a disk does to a join: it is full, or nothing can be written there."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.files.damage import FULL, OF_THE_SYSTEM, describe_os_error


@contextmanager
def explain_disk_errors(out: Path) -> Iterator[None]:
    """Turn what a disk does into an error that says what is left of the join.

    Parameters
    ----------
    out
        The folder of answers.

    Raises
    ------
    DataError
        The disk is full, here or where a worker writes; or nothing can be written there.
    """
    full = describe_os_error(OSError(errno.ENOSPC, ""), str(out))
    try:
        yield
    except DataError as error:
        if error.what != full.what:
            raise
        # Elsewhere nothing is changed when a disk is full. Here the parts that are done stay.
        raise _describe_full(full.what, error.where) from error
    except OSError as error:
        if error.errno in FULL:
            raise _describe_full(full.what, str(out)) from error
        if error.errno not in OF_THE_SYSTEM | {errno.EEXIST}:
            # Of a network, say, which has nothing to do with the folder.
            raise
        raise DataError(
            N_("nothing can be written there: {reason}"),
            where=str(out),
            mend=N_("Look whether the disk is full, and whether the folder may be written"),
            reason=str(error.strerror),
        ) from error


def _describe_full(what: str, where: str) -> DataError:
    mend = N_("Free some space, and join again: parts that are done stay, and are not done again")
    return DataError(what, where=where, mend=mend)
