"""The chapters of a report: the contents of a notebook, in the order of its cells."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from mapserver.model import Snapshot
from mapserver.report import grids, prose, wording
from mapserver.report.grids import Grid
from mapserver.report.parameters import INJECTED, REPORT_PARAMETERS, has_tag
from mapserver.report.running import HIDDEN, START, Failure, Run
from mapserver.settings import limits
from mapserver.text.languages import DEFAULT, ENGLISH, KOREAN

if TYPE_CHECKING:
    from nbformat import NotebookNode


WIDTH = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)pt"')
PIXELS_PER_POINT = 96 / 72


@dataclass(frozen=True)
class TextBlock:
    """A text cell."""

    html: Markup
    kind: str = "text"

    @property
    def lang(self) -> str:
        """The language of its words, except those with a language of their own."""
        return KOREAN.code if wording.HANGUL.search(self.html) else ENGLISH.code


@dataclass(frozen=True)
class CodeBlock:
    """The source of a cell, and the warnings of its run."""

    source: str
    warnings: str = ""
    kind: str = "code"


@dataclass(frozen=True)
class TableBlock:
    """A table."""

    grid: Grid
    kind: str = "table"


@dataclass(frozen=True)
class FigureBlock:
    """A static figure.

    Attributes
    ----------
    alt
        A description in words.
    width
        In CSS pixels; 0 where it is unknown.
    files
        Its bytes by suffix (``svg``, ``png``).
    """

    alt: str
    width: int
    files: dict[str, bytes]
    kind: str = "figure"

    @property
    def source(self) -> str:
        """The picture as a data URL, which needs no file."""
        svg = self.files.get("svg", b"")
        if svg and (len(svg) <= limits.MAX_FIGURE_SVG_BYTES or "png" not in self.files):
            return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
        return f"data:image/png;base64,{base64.b64encode(self.files['png']).decode()}"


@dataclass(frozen=True)
class MapBlock:
    """A map, as a page of its own.

    Attributes
    ----------
    title
        Its title; empty for a map that is not one of mapserver's.
    page
        The HTML page of the map.
    has_figure
        Whether a static figure stands right before it, which is shown on paper instead.
    """

    title: str
    page: str
    has_figure: bool = False
    kind: str = "map"


@dataclass(frozen=True)
class PrintedBlock:
    """The text that a cell printed, or that of its result."""

    text: str
    kind: str = "printed"


Block = TextBlock | CodeBlock | TableBlock | FigureBlock | MapBlock | PrintedBlock


@dataclass(frozen=True)
class Chapter:
    """The contents of a notebook.

    Attributes
    ----------
    id
        Name of its notebook, with a number if another chapter has it.
    title, twin
        The title, and the same in the other language.
    blocks
        Texts, tables, figures and maps in their order.
    parameters
        The parameters of its run but city, folder, language and day; without those that are None.
    failure
        The reason why it is incomplete.
    seconds
        The duration of its run.
    """

    id: str
    title: str
    twin: str
    blocks: list[Block]
    parameters: dict[str, str]
    failure: Failure | None
    seconds: float

    @property
    def figures(self) -> list[FigureBlock]:
        """The static figures."""
        return [block for block in self.blocks if isinstance(block, FigureBlock)]

    @property
    def maps(self) -> list[MapBlock]:
        """The maps."""
        return [block for block in self.blocks if isinstance(block, MapBlock)]


def read_chapter(run: Run, city: Snapshot, lang: str, used_ids: Collection[str] = ()) -> Chapter:
    """Read the chapter from a notebook that was run.

    Parameters
    ----------
    run
        The notebook with its outputs.
    city
        Says in which languages and words its readers have the texts.
    lang
        The language of a bilingual title that comes first.
    used_ids
        The ids of other chapters.
    """
    title, twin = "", ""
    blocks: list[Block] = []
    for cell in run.notebook.cells:
        is_left_out = has_tag(cell, HIDDEN) or has_tag(cell, START)
        if is_left_out or not prose.concerns_city(cell, city):
            continue
        source = cell.source
        if cell.cell_type == "markdown":
            # The title is the heading of the first cell; later headings belong to the text.
            if not title and not blocks:
                title, twin, source = wording.split_title(source)
            source = prose.select_prose(source, city)
            if source.strip():
                blocks.append(TextBlock(wording.render_markdown(source, cell.get("attachments"))))
        elif cell.cell_type == "code" and source.strip() and not has_tag(cell, INJECTED):
            for block in _read_code(cell):
                if isinstance(block, MapBlock) and _last_is_figure(blocks):
                    blocks.append(replace(block, has_figure=True))
                else:
                    blocks.append(block)
    # Notebooks are written with the Korean title first.
    if twin and lang != DEFAULT:
        title, twin = twin, title if KOREAN.code in city.catalog.page_languages else ""
    title, twin = (prose.replace_words(text, city) for text in (title, twin))
    # Parameters that are None have no effect, and the report states its own on the cover.
    parameters = {
        name: value
        for name, value in run.values.items()
        if name not in REPORT_PARAMETERS and value != "None"
    }
    stem = re.sub(r"[^\w-]+", "-", run.path.stem)
    id_ = next(name for name in _number_names(stem) if name not in used_ids)
    return Chapter(id_, title or run.path.stem, twin, blocks, parameters, run.failure, run.seconds)


def _last_is_figure(blocks: list[Block]) -> bool:
    """Return whether the last block that readers see is a figure; code is folded away."""
    visible = [block for block in blocks if not isinstance(block, CodeBlock)]
    return bool(visible) and isinstance(visible[-1], FigureBlock)


def _number_names(name: str) -> Iterator[str]:
    """Yield a name, and then the same name with the numbers 2, 3, ..."""
    yield name
    yield from (f"{name}-{number}" for number in itertools.count(2))


def _read_code(cell: NotebookNode) -> Iterator[Block]:
    """Yield the blocks of a code cell: its source and its outputs."""
    warnings = "".join(
        o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"
    )
    yield CodeBlock(cell.source, warnings.strip())
    # Jupyter may cut what a cell prints into several outputs: pieces in a row are one block.
    printed = ""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            printed += output.text
            continue
        if printed.strip():
            yield PrintedBlock(printed.rstrip())
        printed = ""
        if output.output_type in {"display_data", "execute_result"}:
            yield from _read_output(output)
    if printed.strip():
        yield PrintedBlock(printed.rstrip())


def _read_output(output: NotebookNode) -> Iterator[Block]:
    """Yield the blocks of one output, by the richest of its media types."""
    data = output.data
    text = data.get("text/plain", "")
    if "image/svg+xml" in data or "image/png" in data:
        yield _read_figure(output, text)
    elif "text/html" in data:
        reader = grids.GridReader(data["text/html"])
        title = "" if text.startswith("<") else text
        # A table may have markup of a frame in its cells: that is text of the data, not a map.
        if reader.grids:
            yield from (TableBlock(grids.tidy_grid(grid)) for grid in reader.grids)
        elif reader.frames:
            yield from (MapBlock(title, page) for page in reader.frames)
        else:
            yield TextBlock(wording.clean_markup(data["text/html"]))
    elif "text/markdown" in data:
        yield TextBlock(wording.render_markdown(data["text/markdown"]))
    # A text such as <Axes: title=…> describes an object of Python and tells readers nothing.
    elif text and not text.startswith("<"):
        yield PrintedBlock(text)


def _read_figure(output: NotebookNode, text: str) -> FigureBlock:
    """Return the figure of an output in all its formats."""
    files = {}
    width = output.metadata.get("image/png", {}).get("width", 0)
    if "image/svg+xml" in output.data:
        svg = output.data["image/svg+xml"]
        files["svg"] = svg.encode()
        if match := WIDTH.search(svg):
            # SVG has points of 1/72 inch, CSS has pixels of 1/96 inch.
            width = round(float(match[1]) * PIXELS_PER_POINT)
    if "image/png" in output.data:
        files["png"] = base64.b64decode(output.data["image/png"])
    return FigureBlock("" if text.startswith("<") else text, width, files)
