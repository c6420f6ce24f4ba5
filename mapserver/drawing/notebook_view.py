"""What a notebook shows: maps, small and with a picture for who does not trust them yet; tables."""

from __future__ import annotations

import base64
import gzip
import html
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mapserver.errors import N_
from mapserver.text import language

UNPACK = """
(async () => {
  const packed = Uint8Array.from(atob("%s"), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const page = await new Response(stream).text();
  document.open();
  document.write(page);
  document.close();
})();
"""
"""Opens the map's page in its frame; until then the picture behind it can be seen."""

OUTPUT = """<div style="position: relative; min-height: 30em; width: 100%%">\
<img src="%(source)s" alt="%(title)s" style="max-width: 100%%">\
<p>%(trust)s</p>\
<iframe srcdoc="%(frame)s" title="%(title)s" allowfullscreen style="position: absolute; \
left: 0; top: 0; width: 100%%; height: 100%%; border: 0"></iframe></div>"""


@dataclass(frozen=True)
class View:
    """How a notebook shows a map.

    Attributes
    ----------
    lang
        ``ko`` or ``en``.
    title
        What the map shows, as text.
    draw
        Draws the static picture, as PNG.
    """

    lang: str
    title: str
    draw: Callable[[], bytes]


def write_table(table: pd.DataFrame) -> str | None:
    """Write a table as HTML whose Korean words do not break inside a word; None as pandas does."""
    written = table._repr_html_()  # type: ignore[operator]  # to the types it is a column
    return None if written is None else f'<div style="word-break: keep-all">{written}</div>'


def show_tables() -> None:
    """Let the notebook that runs this, if any, show its tables by :func:`write_table`.

    Texts are shown whole: pandas would cut them after 50 letters, and with them what is wrong and
    how to mend it.
    """
    interactive: Any = sys.modules.get("IPython")  # there where a notebook runs
    shell = interactive and interactive.get_ipython()
    if shell:
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, write_table)
        pd.set_option("display.max_colwidth", None)


def write_output(page: str, view: View) -> str:
    """Write what a notebook keeps of a map.

    Jupyter takes frames and scripts out of an output that it does not trust: of a notebook that
    somebody else has run, or papermill. The picture and a sentence stay. Where the output is
    trusted the frame with the map lies over them.

    Parameters
    ----------
    page
        The map's page, whole. It is packed: a tenth of the bytes.
    view
        Its title, its picture and its language.

    Returns
    -------
    str
        HTML.
    """
    packed = base64.b64encode(gzip.compress(page.encode(), mtime=0)).decode()
    frame = f"<!DOCTYPE html><body><script>{UNPACK % packed}</script></body>"
    say = language.translator(view.lang).gettext
    trust = say(
        N_(
            "This is a picture of the map. For the map itself, trust the notebook: in JupyterLab "
            'open the command palette (Ctrl+Shift+C), choose "Trust Notebook" and confirm; '
            "or run the cell."
        )
    )
    return OUTPUT % {
        "source": _write_picture(view),
        "title": html.escape(view.title),
        "trust": html.escape(trust),
        "frame": html.escape(frame),
    }


def _write_picture(view: View) -> str:
    """Draw the static map as an address that needs no file; empty without matplotlib."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a city in which nothing can be drawn
            picture = view.draw()
    except ImportError:
        return ""
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"
