"""The options of a map for print: types and defaults, which notebooks complete and help prints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypedDict, TypeVar, get_type_hints

import geopandas as gpd
import pandas as pd

from mapserver.model import Role

Drawing = TypeVar("Drawing", bound=Callable[..., object])


class MapOptions(TypedDict, total=False):
    """What a map shows, and how; the docstring of ``area_map`` explains each."""

    layer: str | gpd.GeoDataFrame
    unit: str
    digits: int
    on_top: Sequence[str] | None
    extra: Mapping[str, gpd.GeoDataFrame] | None
    counted: Sequence[str]
    sources: Sequence[str]
    labels: pd.Series | Literal[False] | None


DEFAULTS = MapOptions(
    layer=Role.NEIGHBORHOODS,
    unit="",
    digits=0,
    on_top=None,
    extra=None,
    counted=(),
    sources=(),
    labels=None,
)


def fill_options(options: MapOptions, function: str) -> MapOptions:
    """Return options with the defaults of those that were not given.

    Raises
    ------
    TypeError
        There is no option of that name, as for any parameter of a function.
    """
    for name in options:
        if name not in DEFAULTS:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
    return DEFAULTS | options


def show_options(function: Drawing) -> Drawing:
    """Write the options into the signature of a function that takes them as ``**options``.

    Notebooks complete names by it, ``help`` and the reference print it.
    """
    signature = inspect.signature(function)
    types = get_type_hints(MapOptions)
    options = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=types[name]
        )
        for name, default in DEFAULTS.items()
    ]
    parameters = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    # inspect looks here first; functions have no such attribute in their type.
    vars(function)["__signature__"] = signature.replace(parameters=[*parameters, *options])
    return function
