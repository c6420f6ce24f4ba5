"""Draw bars for print, each with its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from mapserver.drawing import choropleth
from mapserver.drawing.figures.asked import require_wording
from mapserver.drawing.figures.letters import use_style, warn_of_missing
from mapserver.drawing.figures.sheet import (
    HATCHES,
    INK,
    PAPER,
    QUIET,
    WIDTH_IN,
    Sheet,
    is_dark,
    make_style,
    measure_width_in,
    mix_with_white,
    wrap_text,
    write_source,
    write_title,
)
from mapserver.headings import MISSING
from mapserver.model import arguments
from mapserver.settings import palette
from mapserver.text.languages import DEFAULT

FEW_ROWS = 12
ROW_IN, LOW_ROW_IN = 0.235, 0.175
"""Height of a row, and that of one of many rows, so that a page has room for them."""


def bars(  # noqa: PLR0913 -- options, all given by name
    table: pd.Series | pd.DataFrame,
    *,
    title: str,
    unit: str = "",
    digits: int = 0,
    ordered: bool = False,
    source: str = "",
    lang: str = DEFAULT,
) -> Sheet:
    """Draw horizontal bars, the first row on top; columns of a frame are stacked.

    Parameters
    ----------
    table
        Numbers; the index has the texts of the rows, the columns those of the legend. NaN is
        unknown: it has no bar, and a dash for its number.
    title
        The text above the bars.
    unit, digits
        How numbers are written; see :func:`mapserver.drawing.choropleth.make_writer`.
    ordered
        The columns are steps, from dark to light, and not kinds.
    source
        The line below, from :func:`source_line`.
    lang
        Code of the language.

    Returns
    -------
    Sheet
        Every bar has its number; stacked parts differ by hatch or lightness, not only by colour.
    """
    arguments.require_values(table, "table")
    require_wording(title, lang, None)
    parts = table.to_frame("") if isinstance(table, pd.Series) else table
    parts = parts.astype(float)
    text = choropleth.make_writer(unit, digits)
    words = [title, source, *map(str, parts.index), *map(str, parts.columns)]
    with use_style(make_style(), words):
        # Heights in inches from the bottom: source lines, bars, legend, title.
        legend_in = 0.22 if len(parts.columns) > 1 else 0.0
        lines = wrap_text(source, WIDTH_IN - 0.3, 6.5)
        below_in = 0.14 * len(lines) + 0.22
        titles = wrap_text(title, WIDTH_IN - 0.3, 12.5, bold=True)
        above_in = 0.24 * len(titles) + 0.16 + legend_in
        bars_height_in = max(len(parts), 1) * (ROW_IN if len(parts) <= FEW_ROWS else LOW_ROW_IN)
        sheet = Sheet(WIDTH_IN, bars_height_in + above_in + below_in)
        names = [str(name) for name in parts.index]
        names_width_in = max((measure_width_in(name, 8.5) for name in names), default=0.0) + 0.3
        # Long names are cut rather than leave less than half of the figure to the bars.
        names_width_in = min(names_width_in, WIDTH_IN * 0.45)
        height_in = sheet.get_figheight()
        axes = sheet.add_axes(
            (
                names_width_in / WIDTH_IN,
                below_in / height_in,
                (WIDTH_IN - names_width_in - 0.2) / WIDTH_IN,
                bars_height_in / height_in,
            )
        )
        _draw_bars(axes, parts, names, text, ordered=ordered, lang=lang)
        write_title(sheet, titles)
        write_source(sheet, lines)
        if legend_in:
            handles, words = axes.get_legend_handles_labels()
            sheet.legend(
                handles, words, loc="upper left", ncols=len(handles), handlelength=1.4,
                bbox_to_anchor=(0.14 / WIDTH_IN, 1 - (above_in - legend_in - 0.02) / height_in),
                borderaxespad=0, borderpad=0, columnspacing=1.4, handletextpad=0.5,
            )  # fmt: skip
    warn_of_missing(make_style()["font.family"], sheet.words(), lang)
    return sheet


def _draw_bars(  # noqa: PLR0913 -- what bars look like
    axes: Axes,
    parts: pd.DataFrame,
    names: list[str],
    text: Callable[[float, str], str],
    *,
    ordered: bool,
    lang: str,
) -> None:
    """Draw the bars with their totals at the end, and the numbers of parts that have room."""
    rows = np.arange(len(parts))
    totals = parts.sum(axis=1)
    longest = float(totals.max()) if len(totals) else 0.0
    totals_text = [_write_total(row, lambda v: text(v, lang)) for row in parts.to_numpy()]
    width = axes.get_position().width * WIDTH_IN
    number_width_in = (
        max((measure_width_in(total_text, 8) for total_text in totals_text), default=0.0) + 0.15
    )
    # The axis ends where the number after the longest bar still fits: the bar has the share
    # 1 - number / width of the axis. No less than a fifth, should the numbers be very wide.
    axis_end = (longest or 1.0) / max(1 - number_width_in / width, 0.2)
    axes.set_xlim(0, axis_end)
    axes.set_ylim(max(len(parts), 1) - 0.5, -0.5)
    count = len(parts.columns)
    colors = choropleth.pick_colours(count)[::-1] if ordered else list(palette.KINDS)
    start = np.zeros(len(parts))
    bar_height = 0.68 if len(parts) <= FEW_ROWS else 0.8
    for number, column in enumerate(parts.columns):
        values = parts[column].fillna(0).to_numpy()
        color = choropleth.pick_colours(5)[3] if count == 1 else colors[number % len(colors)]
        hatch = "" if count == 1 or ordered else HATCHES[number % len(HATCHES)]
        face = color if count == 1 or ordered else mix_with_white(color)
        axes.barh(
            rows, values, left=start, height=bar_height, color=face, hatch=hatch, label=str(column),
            edgecolor=PAPER if count == 1 or ordered else QUIET,
            linewidth=0.6 if count > 1 else 0,
        )  # fmt: skip
        if count > 1:
            _write_inside(
                axes, rows, start, values, face, lambda v: text(v, lang), width / axis_end
            )
        start += values
    # Steps whose rows have all the same total, such as 100 %, need no totals.
    if not (ordered and np.allclose(totals, totals.iloc[0] if len(totals) else 0)):
        for row, total, total_text in zip(rows, totals, totals_text, strict=True):
            axes.annotate(
                total_text, (total, row), xytext=(3, 0), textcoords="offset points", va="center",
                fontsize=8,
            )  # fmt: skip
    axes.set_yticks(rows, names)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _write_total(parts: np.ndarray, text: Callable[[float], str]) -> str:
    """Return the sum of a row as text: a dash if no part is known, "≥" if not all are."""
    known_parts = parts[~np.isnan(parts)]
    if not len(known_parts):
        return MISSING
    return ("" if len(known_parts) == len(parts) else "≥ ") + text(float(known_parts.sum()))


def _write_inside(  # noqa: PLR0913, PLR0917 -- one number after another
    axes: Axes,
    rows: np.ndarray,
    start: np.ndarray,
    values: np.ndarray,
    face: Any,
    text: Callable[[float], str],
    inch_per_unit: float,
) -> None:
    """Write the number of each part into it, where it is wide enough."""
    # The number needs a margin of 0.04 inch on either side.
    for row, bar_start, value in zip(rows, start, values, strict=True):
        word = text(float(value))
        if value > 0 and measure_width_in(word, 7) + 0.08 < value * inch_per_unit:
            axes.text(
                bar_start + value / 2, row, word, ha="center", va="center", fontsize=7,
                color=PAPER if is_dark(face) else INK,
                bbox={"facecolor": face, "edgecolor": "none", "pad": 0.3},
            )  # fmt: skip
