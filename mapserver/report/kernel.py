"""What is set in the kernel before a notebook runs, so that its outputs can be read again."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pandas as pd
from IPython.core.getipython import get_ipython
from matplotlib_inline.config import InlineBackend

from mapserver.drawing import figures, maps

FIGURE = ("matplotlib.figure", "Figure")
SHEET = ("mapserver.drawing.figures.sheet", "Sheet")
MOST_ROWS = 60

PATH = re.compile(r' d="[^"]*"')
FINER = re.compile(r"(\.\d\d)\d+")


def prepare() -> None:
    """Set up the kernel that runs this.

    Figures come as SVG for paper and as PNG, with a text for those who do not see them; maps say
    their title; tables are shown with whole texts, and none of them is markup.
    """
    shell: Any = get_ipython()
    formatters = shell.display_formatter.formatters
    InlineBackend.instance(parent=shell).figure_formats = {"svg", "retina"}
    figures.use_font()  # names are Korean in figures that a planner draws, too
    formatters["image/svg+xml"].for_type_by_name(*SHEET, as_svg)
    formatters["image/png"].for_type_by_name(*SHEET, as_png)
    # A report keeps what its maps share once, and reads them as they are.
    formatters["text/html"].for_type(maps.PublicMap, lambda drawn: drawn.get_root()._repr_html_())
    texts = formatters["text/plain"]
    texts.for_type_by_name(*FIGURE, lambda figure, p, _: p.text(figure_text(figure)))
    texts.for_type(maps.PublicMap, lambda drawn, p, _: p.text(map_title(drawn)))
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.max_rows", MOST_ROWS)
    pd.set_option("display.max_columns", None)
    pd.set_option("styler.format.escape", "html")


def as_svg(figure: Any) -> str:
    """Write a figure as SVG, with its letters as outlines: they look the same everywhere."""
    file = io.StringIO()
    figure.savefig(file, format="svg")
    # A hundredth of a point is less than a printer's dot, and a third of the bytes are the rest.
    return PATH.sub(lambda path: FINER.sub(r"\1", path[0]), file.getvalue())


def as_png(figure: Any) -> Any:
    """Write a figure of ours as PNG, for a screen with fine pixels."""
    return figure._repr_png_()


def figure_text(figure: Any) -> str:
    """Say what a figure shows: its label where it has one, else its titles and axes."""
    if figure.get_label():
        return str(figure.get_label())
    parts = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        parts += [axes.get_title(where) for where in ("left", "center", "right")]
        parts += [axes.get_xlabel(), axes.get_ylabel()]
    words = (" ".join(part.split()) for part in parts)
    return " · ".join(dict.fromkeys(filter(None, words)))


def map_title(drawn: maps.PublicMap) -> str:
    """Give the title of a map of ours, with what its colours mean."""
    for child in drawn._children.values():
        if isinstance(child, maps.Furnish):
            options = json.loads(child.options)
            parts = (options["text"]["map"], options.get("scale", {}).get("title"))
            return " · ".join(filter(None, parts))
    return ""
