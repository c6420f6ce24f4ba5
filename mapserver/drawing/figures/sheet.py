"""The sheet of a figure: its size, style and fonts, the title, and the line on sources."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from mapserver.drawing.figures.asked import require_city, require_wording
from mapserver.drawing.figures.letters import use_style
from mapserver.errors import N_, fill
from mapserver.model import arguments
from mapserver.settings import limits, palette
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.model import Snapshot

WIDTH_IN = 7.2
"""Width of a figure, 183 mm: that of the text on an A4 page."""
MARGIN_IN = 0.14
DPI, SCREEN_DPI = 150, 160
SCREEN_COLORS = 64
TITLE, SMALL = 12.5, 6.5
INK, QUIET, PAPER = palette.FIGURE_INK, palette.FIGURE_SOFT, palette.WHITE
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "----", "++++", "oooo")

FONTS = Path(__file__).parents[2] / "fonts"
HANGUL = (
    *("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic"),
    *("Apple SD Gothic Neo", "AppleGothic", "Noto Sans CJK JP"),
)
"""Families with Hangul that are common on machines, used where our own font was not built."""


@lru_cache
def make_style() -> Any:
    """Return matplotlib's settings for our figures, with a font that has Hangul."""
    families = []
    for path in sorted(FONTS.glob("*.ttf")):
        name = font_manager.get_font(str(path)).family_name
        if name not in families:
            families.append(name)
        # matplotlib keeps a list of fonts: a file that is added twice would be listed twice.
        if not any(font.fname == str(path) for font in font_manager.fontManager.ttflist):
            font_manager.fontManager.addfont(str(path))
    installed = {font.name for font in font_manager.fontManager.ttflist}
    families += [name for name in HANGUL if name in installed and name not in families]
    return {
        "font.family": [*families, "DejaVu Sans"],
        "font.size": 8.5,
        # Otherwise two dollar signs in a name would turn the text between them into a formula.
        "text.parse_math": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": palette.FIGURE_AXIS,
        "axes.unicode_minus": False,
        "xtick.color": QUIET,
        "ytick.color": INK,
        "hatch.linewidth": 0.5,
        "legend.frameon": False,
        "legend.fontsize": 8,
        # TrueType fonts are embedded as they are, so that text in a PDF can be searched.
        "pdf.fonttype": 42,
        "savefig.facecolor": PAPER,
    }


def use_font() -> None:
    """Set a font with Hangul for figures that a notebook draws with matplotlib itself."""
    mpl.rcParams["font.family"] = make_style()["font.family"]
    mpl.rcParams["axes.unicode_minus"] = False


class StillCanvas(FigureCanvasAgg):
    """A canvas that nobody watches: it is drawn when it is written, and at no other time."""

    def draw_idle(self, *args: Any, **options: Any) -> None:
        """Do nothing, where matplotlib would draw all layers again for each one added."""


class Sheet(Figure):
    """A figure that a notebook shows, and that keeps its style when it is saved.

    ``savefig`` writes PNG, SVG and PDF as matplotlib does.
    """

    def __init__(self, width_in: float, height_in: float) -> None:
        # A canvas of its own, without pyplot, which would keep every figure in memory.
        super().__init__(figsize=(width_in, height_in), dpi=DPI, facecolor=PAPER)
        StillCanvas(self)

    def words(self) -> list[str]:
        """Return all texts of the figure."""
        return [text.get_text() for text in self.findobj(Text) if text.get_text()]

    def draw(self, renderer: Any) -> None:
        """Draw in our style: ticks are created only now, and would have the reader's style."""
        with use_style(make_style(), self.words()):
            super().draw(renderer)

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save in our style; the options are matplotlib's."""
        with use_style(make_style(), self.words()):
            super().savefig(fname, **options)

    def write_png(self, dpi: float, colors: int = SCREEN_COLORS) -> bytes:
        """Return the figure as PNG with a palette, which has a third of the bytes.

        Parameters
        ----------
        dpi
            Dots an inch.
        colors
            How many colours the palette has, 256 at most.
        """
        # Figures have few colours. Without dithering plain areas stay plain, and compress well.
        file, palette_file = io.BytesIO(), io.BytesIO()
        self.savefig(file, format="png", dpi=dpi)
        image = Image.open(file).convert("RGB").quantize(colors, dither=Image.Dither.NONE)
        image.save(palette_file, "PNG", optimize=True)
        return palette_file.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return a PNG for Jupyter, with the size in CSS pixels at which it is shown."""
        width, height = self.get_size_inches() * 100
        return self.write_png(SCREEN_DPI), {"width": round(width), "height": round(height)}


def source_line(
    city: Snapshot,
    layers: Iterable[str],
    *,
    sources: Iterable[str] = (),
    lang: str | None = None,
    day: dt.date | None = None,
) -> str:
    """Return the line on where the numbers of a figure come from: sources, version and date.

    Parameters
    ----------
    city
        The city.
    layers
        Roles or ids of the layers used; those that the city lacks are ignored.
    sources
        The sources of other data, in words: such as the name of a file.
    lang
        Code of the language.
    day
        The day of the figure; today in the city by default.
    """
    require_city(city)
    lang = city.catalog.default_language if lang is None else lang
    require_wording("", lang, day)
    layers, sources = arguments.read_ids(layers, "layers"), arguments.read_ids(sources, "sources")
    translate = language.translator(lang).gettext
    ids = [id_ for id_ in (find_layer_id(city, name) for name in layers) if id_ is not None]
    source_names = dict.fromkeys(
        filter(None, [*(city.entry(id_).source.in_language(lang) for id_ in ids), *sources])
    )
    has_sample = any(city.entry(id_).sample for id_ in ids)
    parts = [
        translate(N_("Sample data")) if has_sample else "",
        fill(translate(N_("Source: {sources}")), {"sources": "; ".join(source_names)})
        if source_names
        else "",
        fill(translate(N_("Data version {version}")), {"version": city.version[:8]}),
        (day or city.today()).isoformat(),
    ]
    return "\u00a0· ".join(part for part in parts if part)


def find_layer_id(city: Snapshot, name: str) -> str | None:
    """Return the id of a layer that is named by id or by role; None if missing or empty."""
    layer = name if name in city.layers else city.layer_of(name)
    return layer if layer is not None and len(city.layers[layer]) else None


def mix_with_white(color: str) -> str:
    """Mix a colour with white, so that text on it is legible."""
    red, green, blue = (0.55 * part + 0.45 for part in mpl.colors.to_rgb(color))
    return mpl.colors.to_hex((red, green, blue))


def is_dark(color: Any) -> bool:
    """Return whether white is more legible than black on a colour."""
    # Luma of ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue, from 0 (black) to 1 (white).
    return bool(np.dot(mpl.colors.to_rgb(color), [0.299, 0.587, 0.114]) < 0.5)


def write_title(sheet: Sheet, lines: Sequence[str]) -> None:
    """Write the lines of the title into the upper left corner."""
    height = sheet.get_figheight()
    sheet.text(
        0.14 / WIDTH_IN, 1 - 0.1 / height, "\n".join(lines), va="top", fontsize=12.5,
        fontweight="bold", linespacing=1.3,
    )  # fmt: skip


def write_source(sheet: Sheet, lines: Sequence[str]) -> None:
    """Write the line on the source into the lower left corner."""
    height = sheet.get_figheight()
    sheet.text(
        0.14 / WIDTH_IN, 0.08 / height, "\n".join(lines), va="bottom", fontsize=6.5, color=QUIET,
        linespacing=1.35,
    )  # fmt: skip


@lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)
def measure_width_in(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text in inches."""
    # At 72 dots an inch a pixel of the renderer is a point.
    with use_style(make_style(), [text]):
        font = font_manager.FontProperties(size=size, weight="bold" if bold else "normal")
        renderer: Any = RendererAgg(1, 1, 72)  # type: ignore[no-untyped-call]  # typed in part
        width, _, _ = renderer.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72


def wrap_text(text: str, limit_in: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a text at spaces into lines that fit a width; a longer word has its own line."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure_width_in(longer, size, bold=bold) <= limit_in:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
