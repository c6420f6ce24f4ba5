"""Colours for a measure of the neighbourhoods, in classes of about equal size."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import branca.colormap
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver import language
from mapserver.analysis import shops as shop_analysis
from mapserver.analysis import trails as trail_analysis
from mapserver.errors import N_, QueryError
from mapserver.shopcounts import count_shops

if TYPE_CHECKING:
    from mapserver.city import City

CLASSES = 5
PALETTE = "YlGnBu_09"
MEASURED = frozenset({"%", "m", "km", "m²", "km²", "ha", "min", "°"})
"""Units of what is measured; all others are of things that are counted."""
NOTHING = "#e6e0d8"
"""For a neighbourhood of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The legend of a measure.

    Attributes
    ----------
    title
        What is measured.
    steps
        Colour and text of each class.
    unknown
        The text for areas of which nothing is known; empty where all are known.
    """

    title: str
    steps: list[tuple[str, str]]
    unknown: str = ""


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
class Written:
    """How numbers of a unit are written, as :func:`written` has it."""

    unit: str
    digits: int

    @property
    def is_count(self) -> bool:
        """Whether whole numbers of the unit count things, and do not measure them."""
        return self.unit not in MEASURED

    def __call__(self, value: float, lang: str) -> str:
        """Write a number in a language."""
        if self.unit == "%":
            return language.percent(value, lang, self.digits + 1)
        if self.unit == "m":
            return language.distance(value, lang)
        return f"{language.number(value, lang, self.digits)} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that can be counted in every neighbourhood."""

    title: str
    values: Callable[[City], pd.Series]
    text: Callable[[float, str], str]


def by_neighborhood(city: City, measure: str | pd.Series, lang: str, *, unit: str = "") -> Coloured:
    """Colour the neighbourhoods of a city by a measure.

    Parameters
    ----------
    city
        With neighbourhoods, and whatever is measured.
    measure
        One of ``MEASURES``, or a number for each neighbourhood, indexed by their ids; the name of
        the Series is the title.
    lang
        ``ko`` or ``en``.
    unit
        Of the numbers of a Series, as for :func:`written`.

    Raises
    ------
    QueryError
        There is no such measure, or a Series has none of the neighbourhoods.
    """
    areas = city.neighborhoods
    if isinstance(measure, pd.Series):
        known = pd.Index([]) if areas is None else areas.index
        if not measure.index.isin(known).any():
            raise QueryError(
                N_("the values are of no neighborhood of this city"),
                parameter="color",
                mend=N_("Index the Series by ids: {ids}"),
                ids=", ".join(map(str, known[:5])) or "-",
            )
        title = "" if measure.name is None else str(measure.name)
        return by_values(measure.reindex(known), title, written(unit), lang)
    if not isinstance(measure, str) or measure not in MEASURES:
        raise QueryError(
            N_("{value} is not offered"),
            parameter="color",
            mend=N_("Choose from: {choices}"),
            value=repr(measure),
            choices=", ".join(MEASURES),
        )
    how = MEASURES[measure]
    title = language.translator(lang).gettext(how.title)
    values = how.values(city)
    if areas is not None:
        values = values.reindex(areas.index)
    return by_values(values, title, how.text, lang)


def by_values(
    values: pd.Series, title: str, text: Callable[[float, str], str], lang: str
) -> Coloured:
    """Colour areas by a number of each.

    Parameters
    ----------
    values
        Indexed by the ids of the areas; NaN where nothing is known.
    title
        What is measured.
    text
        Writes a value in a language.
    lang
        ``ko`` or ``en``.

    Notes
    -----
    Class limits are quantiles. Whole numbers have classes of whole numbers that share none: a class
    for each where there are few, else "0 – 4", "5 – 9". What is unknown is a class of its own,
    outside of the ramp. Colours are ColorBrewer's YlGnBu (Brewer 2003), which grow darker
    with the value and can be told apart by colour-blind people and in print.
    """
    is_unknown = bool(values.isna().any())
    values = values.dropna().astype(float)
    is_count = text.is_count if isinstance(text, Written) else text is _count
    ends = _class_ends(values.to_numpy(np.float64), is_count=is_count)
    colors = ramp(max(len(ends), 1))
    lows = [low for low, _ in ends]
    number = np.clip(np.searchsorted(lows, values, side="right") - 1, 0, len(colors) - 1)
    words = [_range(text(low, lang), text(high, lang)) for low, high in ends]
    return Coloured(
        title=title,
        fills={str(id_): colors[n] for id_, n in zip(values.index, number, strict=True)},
        texts={str(id_): text(value, lang) for id_, value in values.items()},
        scale=Scale(
            title,
            list(zip(colors, words, strict=False)),
            language.translator(lang).gettext(N_("no value")) if is_unknown else "",
        ),
    )


def _class_ends(values: npt.NDArray[Any], *, is_count: bool) -> list[tuple[float, float]]:
    """Return the ends of classes of about equal size, in rising order; none without values."""
    if not len(values):
        return []
    different = np.unique(values)
    if len(different) == 1:
        return [(float(different[0]), float(different[0]))]
    if not is_count or (values != np.round(values)).any():
        limits = np.unique(np.quantile(values, np.linspace(0, 1, CLASSES + 1))).tolist()
        return list(itertools.pairwise(limits))
    if len(different) <= CLASSES:
        return [(float(each), float(each)) for each in different]
    # Each class begins at a number that occurs; where most are alike, the different ones count.
    lows = _lowest(values)
    if len(lows) < CLASSES - 1:
        lows = _lowest(different)
    highs = [*(low - 1 for low in lows[1:]), float(different[-1])]
    return list(zip(lows, highs, strict=True))


def _lowest(values: npt.NDArray[Any]) -> list[float]:
    """Return the lowest number of each class of whole numbers."""
    at = np.linspace(0, 1, CLASSES + 1)[:-1] * (len(values) - 1)
    lows = np.unique(np.sort(values)[np.ceil(at.round(6)).astype(int)])
    return [float(low) for low in lows]


def ramp(count: int) -> list[str]:
    """Give colours of the palette from light to dark."""
    palette = getattr(branca.colormap.linear, PALETTE).colors
    at = np.linspace(1, len(palette) - 2, count).round().astype(int)
    return [_hex(palette[i]) for i in at]


def written(unit: str, digits: int = 0) -> Callable[[float, str], str]:
    """Give a function that writes a number with its unit in a language.

    Parameters
    ----------
    unit
        ``%`` for a share of one, ``m`` for metres (which become kilometres), or any other word.
    digits
        Decimals; of shares one more.
    """
    return Written(unit, digits)


def _range(low: str, high: str) -> str:
    """Write a range; a unit that both ends have stands once."""
    number, _, unit = low.rpartition(" ")
    if number and high.endswith(f" {unit}"):
        low = number if low != high else low
    return low if low == high else f"{low} – {high}"


def _hex(color: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color[:3])


def _of_shops(column: str) -> Callable[[City], pd.Series]:
    def values(city: City) -> pd.Series:
        if city.neighborhoods is None or (counted := count_shops(city, city.neighborhoods)) is None:
            return pd.Series(dtype=float)
        return counted[column].astype(float)

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
    """Count the districts of each neighbourhood."""
    frame, areas = city.districts, city.neighborhoods
    if areas is None:
        return pd.Series(dtype=float)
    if frame is None:
        return pd.Series(0.0, index=areas.index)
    counted = shop_analysis.home(frame, areas).value_counts()
    return counted.reindex(areas.index, fill_value=0).astype(float)


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
