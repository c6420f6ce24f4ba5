"""Values computed from the frames of a city, kept as long as the frames are the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Derived:
    """Values computed from frames: each once, and passed on to the next city that has the frames.

    Frames of a city are never changed, so a value holds as long as its frames are the same
    objects. Two threads may both compute one; they compute the same, and either may stay.

    Parameters
    ----------
    frames
        The frames of the city.
    earlier
        The values of an earlier city, of which those are kept whose frames this city has, too.
    """

    def __init__(self, frames: Iterable[object] = (), earlier: Derived | None = None) -> None:
        self._values: dict[Hashable, tuple[tuple[object, ...], Any]] = {}
        if earlier is not None:
            present = {id(None), *map(id, frames)}  # a layer that neither city has is the same
            self._values = {
                key: (sources, value)
                for key, (sources, value) in list(earlier._values.items())
                if all(id(source) in present for source in sources)
            }

    def get(self, name: Hashable, sources: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Return the value of a name that was computed from these frames, or compute it.

        Parameters
        ----------
        name
            What it is, with everything beside the frames that it depends on.
        sources
            The frames that it is computed from; None for a layer that the city does not have.
        compute
            Computes it.
        """
        # An entry holds its frames, so no other object can come to have their ids.
        key = (name, *(id(source) for source in sources))
        if key not in self._values:
            self._values[key] = (sources, compute())
        return cast("T", self._values[key][1])

    def put(self, name: Hashable, sources: tuple[object, ...], value: object) -> None:
        """Set the value of a name, in place of one that was computed from these frames before."""
        self._values[name, *(id(source) for source in sources)] = (sources, value)
