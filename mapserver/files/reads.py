"""What was read from files, kept for the next reading while the files stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")

FileState = tuple[str, int, int, int, int]
"""Of a file its name below the city folder, its size in bytes, its time of writing and its time of
change in nanoseconds, and its number on the disk."""


class Reads:
    """Results of reading files, each with the state of the files that it was read from.

    A result is used again when its files have the same states: equal states mean that nothing was
    written in between. Results are shared between cities, so nobody may change them.

    Parameters
    ----------
    states
        The states of all files of the folder, as they are now.
    earlier
        What an earlier reading of the folder found.

    Attributes
    ----------
    states
        The states of the files.
    """

    def __init__(self, states: tuple[FileState, ...] = (), earlier: Reads | None = None) -> None:
        self.states = states
        self._earlier = earlier._results if earlier is not None else {}
        self._results: dict[Hashable, tuple[tuple[FileState, ...], Any]] = {}

    def get(
        self,
        key: Hashable,
        prefix: str,
        read: Callable[[], T],
        *,
        is_whole: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Return what an earlier reading found in files that have not changed, or read them.

        Parameters
        ----------
        key
            What is read and how; everything beside the files that the result depends on.
        prefix
            How the names of the files begin that the result depends on: ``gpx/``, or
            ``layers/shops.`` for all parts of a shapefile.
        read
            Reads the files. What it raises is not kept, so it is called again.
        is_whole
            Whether a result is one to keep. Where a disk has failed to give a file, the next
            reading asks it again.
        """
        states = tuple(state for state in self.states if state[0].startswith(prefix))
        # A file that is written anew has another time of writing or change, whatever its size.
        if (earlier := self._earlier.get(key)) is not None and earlier[0] == states:
            self._results[key] = earlier
            return cast("T", earlier[1])
        result = read()
        # A disk may have failed for a moment: what could not be read wholly is read again.
        if is_whole(result):
            self._results[key] = (states, result)
        return result
