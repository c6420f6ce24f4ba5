"""Set up the kernel of a notebook, so that a report can read its outputs."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pandas as pd
from IPython.core.getipython import get_ipython
from matplotlib_inline.config import InlineBackend

from mapserver.drawing import figures, maps
from mapserver.settings import limits

FIGURE = ("matplotlib.figure", "Figure")
SHEET = ("mapserver.drawing.figures.sheet", "Sheet")

PATH = re.compile(r' d="[^"]*"')
EXTRA_DECIMALS = re.compile(r"(\.\d\d)\d+")


def prepare_kernel() -> None:
    """Set up the kernel in which this function runs.

    Figures are written as SVG and PNG, with a text for readers who do not see them, and maps with
    their title. Tables show whole texts, and no text as markup.
    """
    shell: Any = get_ipython()
    formatters = shell.display_formatter.formatters
    InlineBackend.instance(parent=shell).figure_formats = {"svg", "retina"}
    # Names are Korean in figures that a planner draws with matplotlib, too.
    figures.use_font()
    formatters["image/svg+xml"].for_type_by_name(*SHEET, write_svg)
    formatters["image/png"].for_type_by_name(*SHEET, write_png)
    # A notebook shows a map with a picture for readers who do not trust its scripts. A report
    # reads the page itself, from the frame in which Folium shows any map.
    formatters["text/html"].for_type(
        maps.PublicMap, lambda public_map: public_map.get_root()._repr_html_()
    )
    texts = formatters["text/plain"]
    texts.for_type_by_name(*FIGURE, lambda figure, p, _: p.text(describe_figure(figure)))
    texts.for_type(maps.PublicMap, lambda public_map, p, _: p.text(describe_map(public_map)))
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.max_rows", limits.MAX_NOTEBOOK_ROWS)
    pd.set_option("display.max_columns", None)
    pd.set_option("styler.format.escape", "html")


def write_svg(figure: Any) -> str:
    """Return a figure as SVG, with letters as outlines, so that they look the same everywhere."""
    file = io.StringIO()
    figure.savefig(file, format="svg")
    # A hundredth of a point is less than a printer's dot; further decimals are a third of a file.
    return PATH.sub(lambda path: EXTRA_DECIMALS.sub(r"\1", path[0]), file.getvalue())


def write_png(figure: Any) -> Any:
    """Return a sheet as PNG with its size, for a screen of high resolution."""
    return figure._repr_png_()


def describe_figure(figure: Any) -> str:
    """Return a text for a figure: its label, or without one its titles and the names of axes."""
    if figure.get_label():
        return str(figure.get_label())
    parts = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        parts += [axes.get_title(where) for where in ("left", "center", "right")]
        parts += [axes.get_xlabel(), axes.get_ylabel()]
    words = (" ".join(part.split()) for part in parts)
    return " · ".join(dict.fromkeys(filter(None, words)))


def describe_map(public_map: maps.PublicMap) -> str:
    """Return the title of a map, with the measure that its colours show."""
    for child in public_map._children.values():
        if isinstance(child, maps.Furnish):
            options = json.loads(child.options)
            parts = (options["text"]["map"], options.get("scale", {}).get("title"))
            return " · ".join(filter(None, parts))
    return ""
