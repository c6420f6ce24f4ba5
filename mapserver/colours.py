"""Colours for a measure of the neighbourhoods, in classes of about equal size."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import branca.colormap
import numpy as np
import pandas as pd

from mapserver import language
from mapserver.analysis import shops as shop_analysis
from mapserver.analysis import trails as trail_analysis
from mapserver.errors import N_, QueryError

if TYPE_CHECKING:
    from mapserver.city import City

CLASSES = 5
PALETTE = "YlGnBu_09"
NOTHING = "#e6e0d8"
"""For a neighbourhood of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The legend of a measure: its title, and colour and text of each class."""

    title: str
    steps: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Coloured:
    """Neighbourhoods with the colours of their values.

    Attributes
    ----------
    title
        What is measured.
    fills, texts
        Colour and value of each neighbourhood, by id.
    scale
        The legend.
    """

    title: str
    fills: dict[str, str]
    texts: dict[str, str]
    scale: Scale


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that can be counted in every neighbourhood."""

    title: str
    values: Callable[[City], pd.Series]
    text: Callable[[float, str], str]


def by_neighborhood(city: City, measure: str, lang: str) -> Coloured:
    """Colour the neighbourhoods of a city by a measure.

    Parameters
    ----------
    city
        With neighbourhoods, and whatever is measured.
    measure
        One of ``MEASURES``.
    lang
        ``ko`` or ``en``.

    Raises
    ------
    QueryError
        There is no such measure.

    Notes
    -----
    Class limits are quantiles; colours are ColorBrewer's YlGnBu (Brewer 2003), which grow darker
    with the value and can be told apart by colour-blind people and in print.
    """
    if measure not in MEASURES:
        raise QueryError(
            N_("{value} is not offered"),
            parameter="color",
            mend=N_("Choose from: {choices}"),
            value=repr(measure),
            choices=", ".join(MEASURES),
        )
    how = MEASURES[measure]
    values = how.values(city).dropna()
    title = language.translator(lang).gettext(how.title)
    limits: list[float] = []
    if len(values):
        limits = np.unique(np.quantile(values, np.linspace(0, 1, CLASSES + 1))).tolist()
    palette = getattr(branca.colormap.linear, PALETTE).colors
    classes = max(len(limits) - 1, 1)
    at = np.linspace(1, len(palette) - 2, classes).round().astype(int)
    colors = [_hex(palette[i]) for i in at]
    number = np.clip(np.searchsorted(limits, values, side="right") - 1, 0, classes - 1)
    between = itertools.pairwise(limits if len(limits) > 1 else limits * 2)
    words = [f"{how.text(low, lang)} – {how.text(high, lang)}" for low, high in between]
    return Coloured(
        title=title,
        fills={str(id_): colors[n] for id_, n in zip(values.index, number, strict=True)},
        texts={str(id_): how.text(value, lang) for id_, value in values.items()},
        scale=Scale(title, list(zip(colors, words, strict=False))),
    )


def _hex(color: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color[:3])


def _of_shops(column: str) -> Callable[[City], pd.Series]:
    def values(city: City) -> pd.Series:
        if city.shops is None or city.neighborhoods is None:
            return pd.Series(dtype=float)
        return shop_analysis.figures(city.shops, city.neighborhoods)[column].astype(float)

    return values


def _of_trails(column: str) -> Callable[[City], pd.Series]:
    def values(city: City) -> pd.Series:
        if city.neighborhoods is None:
            return pd.Series(dtype=float)
        if city.trails is None:
            return pd.Series(0.0, index=city.neighborhoods.index)
        counted = trail_analysis.by_area(city.trails, city.neighborhoods)
        return counted[column].drop(trail_analysis.OUTSIDE).astype(float)

    return values


def _districts(city: City) -> pd.Series:
    """Count the districts by the neighbourhood that they name."""
    frame, areas = city.districts, city.neighborhoods
    if areas is None:
        return pd.Series(dtype=float)
    if frame is None or "neighborhood" not in frame or "name" not in areas:
        return pd.Series(0.0, index=areas.index)
    counted = frame.groupby("neighborhood").size()
    found: pd.Series = areas["name"].map(counted).fillna(0).astype(float)
    return found


def _count(value: float, lang: str) -> str:
    return language.number(value, lang)


def _percent(value: float, lang: str) -> str:
    return language.percent(value, lang, 1)


MEASURES = {
    "membership_rate": Measure(N_("Membership rate"), _of_shops("membership_rate"), _percent),
    "shops": Measure(N_("Shops"), _of_shops("shops"), _count),
    "members": Measure(N_("Taking Onnuri"), _of_shops("members"), _count),
    "districts": Measure(N_("Shopping districts"), _districts, _count),
    "trails": Measure(N_("Trails"), _of_trails("trails"), _count),
    "trail_length_m": Measure(N_("Length"), _of_trails("length_m"), language.distance),
}
