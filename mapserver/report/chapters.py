"""A chapter of a report: what a notebook says, in the order in which it says it."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from mapserver.report import grids, wording
from mapserver.report.grids import Grid
from mapserver.report.parameters import INJECTED, OWN, has_tag
from mapserver.report.running import HIDDEN, START, Failure, Run

if TYPE_CHECKING:
    from nbformat import NotebookNode

LARGE_SVG = 400_000
"""Bytes; a figure with more is shown as PNG. Both are kept beside the report."""

WIDTH = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)pt"')
PIXELS_PER_POINT = 96 / 72


@dataclass(frozen=True)
class Text:
    """A text cell."""

    html: Markup
    kind: str = "text"

    @property
    def lang(self) -> str:
        """The language that its words are in, but for those that say otherwise."""
        return "ko" if wording.HANGUL.search(self.html) else "en"


@dataclass(frozen=True)
class Code:
    """The source of a cell, and what its run warned of."""

    source: str
    warnings: str = ""
    kind: str = "code"


@dataclass(frozen=True)
class TableBlock:
    """A table."""

    grid: Grid
    kind: str = "table"


@dataclass(frozen=True)
class Figure:
    """A static figure.

    Attributes
    ----------
    alt
        What it shows, in words.
    width
        In CSS pixels; 0 where it is not known.
    files
        Its bytes by ending (``svg``, ``png``).
    """

    alt: str
    width: int
    files: dict[str, bytes]
    kind: str = "figure"

    @property
    def source(self) -> str:
        """The picture as an address that needs no file."""
        svg = self.files.get("svg", b"")
        if svg and (len(svg) <= LARGE_SVG or "png" not in self.files):
            return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
        return f"data:image/png;base64,{base64.b64encode(self.files['png']).decode()}"


@dataclass(frozen=True)
class MapBlock:
    """A map, as a page of its own.

    Attributes
    ----------
    title
        What it shows; empty for a map that is not of ours.
    page
        The page.
    beside
        A static figure stands right before it, which is what paper shows.
    """

    title: str
    page: str
    beside: bool = False
    kind: str = "map"


@dataclass(frozen=True)
class Printed:
    """What a cell printed, or the text of its result."""

    text: str
    kind: str = "printed"


Block = Text | Code | TableBlock | Figure | MapBlock | Printed


@dataclass(frozen=True)
class Chapter:
    """What a notebook says.

    Attributes
    ----------
    id
        Name of its notebook.
    title, twin
        The title, and the same in the other language.
    blocks
        Texts, tables, figures and maps in their order.
    parameters
        What it was run with, beside city, folder, language and day; without what is None.
    failure
        Why it ends before its end.
    seconds
        How long its run took.
    """

    id: str
    title: str
    twin: str
    blocks: list[Block]
    parameters: dict[str, str]
    failure: Failure | None
    seconds: float

    @property
    def figures(self) -> list[Figure]:
        """The static figures."""
        return [block for block in self.blocks if isinstance(block, Figure)]

    @property
    def maps(self) -> list[MapBlock]:
        """The maps."""
        return [block for block in self.blocks if isinstance(block, MapBlock)]


def chapter(run: Run, lang: str, taken: Collection[str] = ()) -> Chapter:
    """Read a notebook that was run.

    Parameters
    ----------
    run
        What came of it.
    lang
        Which of a bilingual title comes first: ``ko`` or ``en``.
    taken
        The ids of other chapters.
    """
    title, twin = "", ""
    blocks: list[Block] = []
    for cell in run.notebook.cells:
        if has_tag(cell, HIDDEN) or has_tag(cell, START):
            continue
        source = cell.source
        if cell.cell_type == "markdown":
            if not title and not blocks:
                title, twin, source = wording.title_of(source)
            if source.strip():
                blocks.append(Text(wording.to_markup(source, cell.get("attachments"))))
        elif cell.cell_type == "code" and source.strip() and not has_tag(cell, INJECTED):
            for block in _code(cell):
                if isinstance(block, MapBlock) and _last_is_figure(blocks):
                    blocks.append(replace(block, beside=True))
                else:
                    blocks.append(block)
    if twin and lang == "en":
        title, twin = twin, title
    shown = {
        name: value for name, value in run.values.items() if name not in OWN and value != "None"
    }
    stem = re.sub(r"[^\w-]+", "-", run.path.stem)
    id_ = next(name for name in _numbered(stem) if name not in taken)
    return Chapter(id_, title or run.path.stem, twin, blocks, shown, run.failure, run.seconds)


def _last_is_figure(blocks: list[Block]) -> bool:
    shown = [block for block in blocks if not isinstance(block, Code)]
    return bool(shown) and isinstance(shown[-1], Figure)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in itertools.count(2))


def _code(cell: NotebookNode) -> Iterator[Block]:
    warnings = "".join(
        o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"
    )
    yield Code(cell.source, warnings.strip())
    printed = ""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            printed += output.text
            continue
        if printed.strip():
            yield Printed(printed.rstrip())
        printed = ""
        if output.output_type in {"display_data", "execute_result"}:
            yield from _output(output)
    if printed.strip():
        yield Printed(printed.rstrip())


def _output(output: NotebookNode) -> Iterator[Block]:
    data = output.data
    text = data.get("text/plain", "")
    if "image/svg+xml" in data or "image/png" in data:
        yield _figure(output, text)
    elif "text/html" in data:
        read = grids.Reader(data["text/html"])
        title = "" if text.startswith("<") else text
        if read.grids:  # what stands in their cells is text, also where it looks like a frame
            yield from (TableBlock(grids.tidy(grid)) for grid in read.grids)
        elif read.frames:
            yield from (MapBlock(title, page) for page in read.frames)
        else:
            yield Text(wording.clean(data["text/html"]))
    elif "text/markdown" in data:
        yield Text(wording.to_markup(data["text/markdown"]))
    elif text and not text.startswith("<"):  # <Axes: title=…> is for programmers
        yield Printed(text)


def _figure(output: NotebookNode, text: str) -> Figure:
    files = {}
    width = output.metadata.get("image/png", {}).get("width", 0)
    if "image/svg+xml" in output.data:
        svg = output.data["image/svg+xml"]
        files["svg"] = svg.encode()
        if found := WIDTH.search(svg):
            width = round(float(found[1]) * PIXELS_PER_POINT)
    if "image/png" in output.data:
        files["png"] = base64.b64decode(output.data["image/png"])
    return Figure("" if text.startswith("<") else text, width, files)
