"""Colour neighbourhoods by a measure, in classes of about equal size."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import branca.colormap
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.analysis import shops as shop_analysis
from mapserver.analysis import trails as trail_analysis
from mapserver.drawing.shop_counts import count_shops
from mapserver.errors import N_, QueryError
from mapserver.model import Role
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.model import Snapshot

CLASSES = 5
PALETTE = "YlGnBu_09"
MEASURED = frozenset({"%", "m", "km", "m²", "km²", "ha", "min", "°"})
"""Units of measured quantities; numbers in any other unit count things."""


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
        The text for areas whose value is unknown; empty where all are known.
    """

    title: str
    steps: list[tuple[str, str]]
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class ColouredAreas:
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
class NumberWriter:
    """A function that writes numbers of a unit, as :func:`make_writer` returns it."""

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
        if not self.unit:
            return language.number(value, lang, self.digits)
        return language.measure(value, self.unit, lang, self.digits)


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity that can be computed for every neighbourhood.

    Attributes
    ----------
    title
        What it is, in English.
    values
        Computes it for a city.
    text
        Writes a value in a language.
    role
        Of the layer that it counts, whose source a figure names.
    """

    title: str
    values: Callable[[Snapshot], pd.Series]
    text: Callable[[float, str], str]
    role: Role


def colour_neighborhoods(
    city: Snapshot, measure: str | pd.Series, lang: str, *, unit: str = ""
) -> ColouredAreas:
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
        The unit of the numbers of a Series, as for :func:`make_writer`.

    Raises
    ------
    QueryError
        There is no such measure, or a Series has none of the neighbourhoods.
    """
    areas = city.neighborhoods
    if isinstance(measure, pd.Series):
        ids = pd.Index([]) if areas is None else areas.index
        if not measure.index.isin(ids).any():
            raise QueryError(
                N_("the values are of no neighborhood of this city"),
                parameter="color",
                mend=N_("Index the Series by ids: {ids}"),
                ids=", ".join(map(str, ids[:5])) or "-",
            )
        title = "" if measure.name is None else str(measure.name)
        return colour_values(measure.reindex(ids), title, make_writer(unit), lang)
    if not isinstance(measure, str) or measure not in MEASURES:
        raise QueryError(
            N_("{value} is not offered"),
            parameter="color",
            mend=N_("Choose from: {choices}"),
            value=repr(measure),
            choices=", ".join(MEASURES),
        )
    entry = MEASURES[measure]
    title = city.phrases(lang).say(entry.title)
    values = entry.values(city)
    if areas is not None:
        values = values.reindex(areas.index)
    return colour_values(values, title, entry.text, lang)


def colour_values(
    values: pd.Series, title: str, text: Callable[[float, str], str], lang: str
) -> ColouredAreas:
    """Colour areas by a number of each.

    Parameters
    ----------
    values
        Indexed by the ids of the areas; NaN where the value is unknown.
    title
        What is measured.
    text
        Writes a value in a language.
    lang
        ``ko`` or ``en``.

    Notes
    -----
    Class limits are quantiles. Whole numbers have classes that share no number: a class for each
    number where there are few, or else such as "0 – 4", "5 – 9". Unknown values are a class of
    their own, in another colour. Colours are ColorBrewer's YlGnBu (Brewer 2003), which grow darker
    with the value and which colour-blind people can tell apart, in print, too.
    """
    is_unknown = bool(values.isna().any())
    values = values.dropna().astype(float)
    is_count = text.is_count if isinstance(text, NumberWriter) else text is _write_count
    ends = _find_class_ends(values.to_numpy(np.float64), is_count=is_count)
    colors = pick_colours(max(len(ends), 1))
    # Each value belongs to the last class whose lower end it reaches. With side="right" a value
    # on a limit belongs to the class above; the greatest is clipped into the last class.
    lows = [low for low, _ in ends]
    number = np.clip(np.searchsorted(lows, values, side="right") - 1, 0, len(colors) - 1)
    # What reads alike looks alike: of 39.58 % and 39.61 % readers see one number.
    texts = values.map(lambda value: text(value, lang))
    classes = pd.Series(number, values.index).groupby(texts).transform("max")
    words = [_write_range(text(low, lang), text(high, lang)) for low, high in ends]
    return ColouredAreas(
        title=title,
        fills={str(id_): colors[n] for id_, n in classes.items()},
        texts={str(id_): value for id_, value in texts.items()},
        scale=Scale(
            title,
            list(zip(colors, words, strict=False)),
            language.translator(lang).gettext(N_("no value")) if is_unknown else "",
        ),
    )


def _find_class_ends(values: npt.NDArray[Any], *, is_count: bool) -> list[tuple[float, float]]:
    """Return the ends of classes of about equal size, in rising order; none without values."""
    if not len(values):
        return []
    distinct = np.unique(values)
    if len(distinct) == 1:
        return [(float(distinct[0]), float(distinct[0]))]
    if not is_count or (values != np.round(values)).any():
        limits = np.unique(np.quantile(values, np.linspace(0, 1, CLASSES + 1))).tolist()
        return list(itertools.pairwise(limits))
    if len(distinct) <= CLASSES:
        return [(float(value), float(value)) for value in distinct]
    # Each class begins at a number that occurs. Where most values are equal their quantiles
    # coincide, and quantiles of the distinct values divide them better.
    lows = _find_lows(values)
    if len(lows) < CLASSES - 1:
        lows = _find_lows(distinct)
    highs = [*(low - 1 for low in lows[1:]), float(distinct[-1])]
    return list(zip(lows, highs, strict=True))


def _find_lows(values: npt.NDArray[Any]) -> list[float]:
    """Return the lowest number of each class of whole numbers."""
    # The value at each fifth of the sorted values. Rounded to 6 digits first, so that the ceiling
    # of a rank such as 2.0000000000000004 is 2.
    ranks = np.linspace(0, 1, CLASSES + 1)[:-1] * (len(values) - 1)
    lows = np.unique(np.sort(values)[np.ceil(ranks.round(6)).astype(int)])
    return [float(low) for low in lows]


def pick_colours(count: int) -> list[str]:
    """Return colours of the palette from light to dark."""
    # The lightest and the darkest of the nine are left out: one vanishes on paper, on the other
    # nobody can read a label.
    palette = getattr(branca.colormap.linear, PALETTE).colors
    positions = np.linspace(1, len(palette) - 2, count).round().astype(int)
    return [_write_hex(palette[position]) for position in positions]


def make_writer(unit: str, digits: int = 0) -> Callable[[float, str], str]:
    """Return a function that writes a number with its unit in a language.

    Parameters
    ----------
    unit
        ``%`` for a share of one, ``m`` for metres (which become kilometres), or any other word.
    digits
        Decimals; of shares one more.
    """
    return NumberWriter(unit, digits)


def _write_range(low: str, high: str) -> str:
    """Write a range, with a unit that both ends have written once."""
    number, _, unit = low.rpartition("\N{NO-BREAK SPACE}")
    if number and high.endswith(f"\N{NO-BREAK SPACE}{unit}"):
        low = number if low != high else low
    return low if low == high else f"{low} – {high}"


def _write_hex(color: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color[:3])


def _measure_shops(column: str) -> Callable[[Snapshot], pd.Series]:
    """Return a function that counts the shops of each neighbourhood."""

    def count_column(city: Snapshot) -> pd.Series:
        if city.neighborhoods is None or (counts := count_shops(city, city.neighborhoods)) is None:
            return pd.Series(dtype=float)
        return counts[column].astype(float)

    return count_column


def _measure_trails(column: str) -> Callable[[Snapshot], pd.Series]:
    """Return a function that measures the trails of each neighbourhood."""

    def count_column(city: Snapshot) -> pd.Series:
        if city.neighborhoods is None:
            return pd.Series(dtype=float)
        # A city without trails has none in any neighbourhood: 0 is known, not missing.
        if city.trails is None:
            return pd.Series(0.0, index=city.neighborhoods.index)
        figures = trail_analysis.by_area(city.trails, city.neighborhoods)
        return figures[column].drop(trail_analysis.OUTSIDE).astype(float)

    return count_column


def _measure_districts(city: Snapshot) -> pd.Series:
    """Count the districts of each neighbourhood."""
    frame, areas = city.districts, city.neighborhoods
    if areas is None:
        return pd.Series(dtype=float)
    if frame is None:
        return pd.Series(0.0, index=areas.index)
    counts = shop_analysis.home(frame, areas).value_counts()
    return counts.reindex(areas.index, fill_value=0).astype(float)


def _write_count(value: float, lang: str) -> str:
    return language.number(value, lang)


def _write_percent(value: float, lang: str) -> str:
    return language.percent(value, lang, 1)


MEASURES = {
    "membership_rate": Measure(
        N_("Membership rate"), _measure_shops("membership_rate"), _write_percent, Role.SHOPS
    ),
    "shops": Measure(N_("Shops"), _measure_shops("shops"), _write_count, Role.SHOPS),
    "members": Measure(N_("Taking Onnuri"), _measure_shops("members"), _write_count, Role.SHOPS),
    "districts": Measure(
        N_("Shopping districts"), _measure_districts, _write_count, Role.DISTRICTS
    ),
    "trails": Measure(N_("Trails"), _measure_trails("trails"), _write_count, Role.TRAILS),
    "trail_length_m": Measure(
        N_("Length"), _measure_trails("length_m"), language.distance, Role.TRAILS
    ),
}
