"""What is set in the kernel before a notebook runs, so that its outputs can be read again."""

from __future__ import annotations

import io
import json
from typing import Any

import folium
import pandas as pd
from IPython.core.getipython import get_ipython

from mapserver.maps import Furnish

MOST_ROWS = 60


def prepare() -> None:
    """Set up the kernel that runs this.

    Figures come as SVG for paper and as PNG, with a text for those who do not see them; maps say
    their title; tables are shown with whole texts, and none of them is markup.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 -- heavy, and only wanted in a kernel
    from matplotlib_inline.config import InlineBackend  # noqa: PLC0415

    from mapserver.figures import Sheet  # noqa: PLC0415

    shell: Any = get_ipython()
    formatters = shell.display_formatter.formatters
    InlineBackend.instance(parent=shell).figure_formats = {"svg", "retina"}
    formatters["image/svg+xml"].for_type(Sheet, as_svg)
    formatters["image/png"].for_type(Sheet, Sheet._repr_png_)
    formatters["text/plain"].for_type(Figure, lambda figure, p, _: p.text(figure_text(figure)))
    formatters["text/plain"].for_type(folium.Map, lambda drawn, p, _: p.text(map_title(drawn)))
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.max_rows", MOST_ROWS)
    pd.set_option("display.max_columns", None)
    pd.set_option("styler.format.escape", "html")


def as_svg(figure: Any) -> str:
    """Write a figure as SVG, with its letters as outlines: they look the same everywhere."""
    file = io.StringIO()
    figure.savefig(file, format="svg")
    return file.getvalue()


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


def map_title(drawn: folium.Map) -> str:
    """Give the title of a map of ours, with what its colours mean; empty for others."""
    for child in drawn._children.values():
        if isinstance(child, Furnish):
            options = json.loads(child.options)
            parts = (options["text"]["map"], options.get("scale", {}).get("title"))
            return " · ".join(filter(None, parts))
    return ""
