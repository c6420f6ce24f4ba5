"""GPX files as they were put in: what they say of each trail and waypoint, for what goes out.

Frames hold what a city goes by: lines, names, the first and the last time. What else a file says, a
time for each point, symbols, comments, links, is read from it again when a trail is exported.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import shapely
from defusedxml.common import DefusedXmlException

from mapserver.errors import DataError
from mapserver.readers.gpx.decoding import decode_gpx
from mapserver.settings import limits
from mapserver.text import encoding

NAMESPACE = "http://www.topografix.com/GPX/1/1"
OWN = "urn:maenballo:columns:1"
"""Namespace of the columns that GPX has no element for."""


SAME_DEGREES = 1e-9

POINT = (
    *("ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type"),
    *("fix", "sat", "hdop", "vdop", "pdop", "ageofdgpsdata", "dgpsid", "extensions"),
)
LINE = ("name", "cmt", "desc", "src", "link", "number", "type", "extensions")
CHILDREN = {
    "metadata": (
        *("name", "desc", "author", "copyright", "link", "time", "keywords", "bounds"),
        "extensions",
    ),
    "wpt": POINT,
    "rtept": POINT,
    "trkpt": POINT,
    "trk": LINE,
    "rte": LINE,
    "link": ("text", "type"),
    "author": ("name", "email", "link"),
    "copyright": ("year", "license"),
}
"""What GPX 1.1 has in each element, in the order of its schema; points of lines are added apart."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class Originals:
    """The GPX files that frames were read from, each read again when it is first needed.

    Parameters
    ----------
    files
        Path of each file by the name that the column ``file`` has for it.
    largest_bytes
        Larger files are not read.
    """

    files: Mapping[str, Path]
    largest_bytes: int | None = None
    _roots: dict[str, Element | None] = field(default_factory=dict, init=False, repr=False)
    _used: set[int] = field(default_factory=set, init=False, repr=False)

    def root(self, file: str) -> Element | None:
        """Return the whole of a file; None where there is none or it cannot be read again."""
        if file not in self._roots:
            path = self.files.get(file)
            self._roots[file] = (
                None
                if path is None
                else read_root(path, self.largest_bytes or limits.MAX_GPX_ORIGINAL_BYTES)
            )
        return self._roots[file]

    def unreadable(self) -> list[str]:
        """Return the files that were asked for and could not be read again."""
        return [file for file, root in self._roots.items() if root is None and file in self.files]

    def find_line(self, file: str, kind: str, line: shapely.Geometry) -> OriginalLine | None:
        """Find the track or route that a line was read from, by its points."""
        root = self.root(file)
        for element in (
            [] if root is None else find_children(root, "trk" if kind == "track" else "rte")
        ):
            segments = _match_points(element, line)
            if segments is not None and id(element) not in self._used:
                self._used.add(id(element))
                return OriginalLine(element, segments)
        return None

    def find_waypoint(self, file: str, name: str, point: shapely.Point) -> Element | None:
        """Find the waypoint that a point was read from, by its place and name."""
        root = self.root(file)
        for element in [] if root is None else find_children(root, "wpt"):
            if (
                id(element) not in self._used
                and _is_at(element, point.x, point.y)
                and " ".join(read_child_text(element, "name").split()) == name
            ):
                self._used.add(id(element))
                return element
        return None


@dataclass(frozen=True, slots=True)
class OriginalLine:
    """A track or route as its file has it.

    Attributes
    ----------
    element
        ``trk`` or ``rte``.
    segments
        Its points for each part of the line, in the order of the line's vertices; a point of a
        route that stands in extensions of the one before is None.
    """

    element: Element
    segments: list[list[Element | None]]


def find_originals(folder: Path) -> Originals:
    """Find the GPX files of a city's folder, by the names that frames have for them."""
    files = sorted(folder.glob("*")) if folder.is_dir() else []
    named = ((f"{folder.name}/{encoding.decode_file_name(path.name)}", path) for path in files)
    return Originals({name: path for name, path in named if path.suffix.lower() == ".gpx"})


def read_root(path: Path, largest_bytes: int) -> Element | None:
    """Read a GPX file as a tree; None where it is too large, or not there, or no XML by the book.

    What reads trails (:mod:`mapserver.readers.gpx.reading`) is more forgiving, and says what is
    wrong.
    """
    try:
        if path.stat().st_size > largest_bytes:
            return None
        text = decode_gpx(path.read_bytes(), name=path.name)[0]
        root: Element = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    except (OSError, DataError, ET.ParseError, DefusedXmlException, ValueError):
        return None
    return root if get_local_name(root) == "gpx" else None


def read_own_values(element: Element) -> dict[str, str]:
    """Return the columns that this product wrote into the extensions of an element."""
    return {
        value.get("column", ""): value.text or ""
        for extensions in find_children(element, "extensions")
        for value in extensions.findall(f"{{{OWN}}}value")
        if value.get("column")
    }


def rewrite_element(element: Element, leave_out: Iterable[str] = ()) -> Element:
    """Write an element anew as GPX 1.1: its children in the order of the schema.

    Parameters
    ----------
    element
        Of GPX 1.0, 1.1 or without a namespace.
    leave_out
        Names of children that are written otherwise.

    Returns
    -------
    Element
        With everything that the element says. What GPX 1.1 has no element for stands in
        ``extensions``; columns of this product are not among them, since they are written anew.
    """
    name = get_local_name(element)
    renewed = Element(f"{{{NAMESPACE}}}{name}", dict(element.attrib))
    renewed.text = (element.text or "").strip() or None
    order = CHILDREN.get(name, ())
    skipped = {*leave_out, "trkseg", "rtept"}
    gpx_children: list[Element] = []
    foreign_children: list[Element] = []
    # Three kinds of children: those of GPX keep their place, all else goes into extensions,
    # and what this product wrote itself goes, since it is written anew.
    for child in element:
        tag = get_local_name(child)
        if not isinstance(child.tag, str) or (is_gpx_element(child) and tag in skipped):
            continue
        if is_gpx_element(child) and tag == "extensions":
            foreign_children += [
                x for x in child if isinstance(x.tag, str) and not _is_own_element(x)
            ]
        elif is_gpx_element(child) and tag in order and _is_valid(child):
            gpx_children.append(rewrite_element(child))
        elif is_gpx_element(child) and tag in {"url", "urlname"}:
            continue
        elif not _is_own_element(child) and not (is_gpx_element(child) and tag in order):
            foreign_children.append(child)
    # The schema of GPX 1.1 is a sequence: a file in another order is not valid.
    gpx_children += _links_of_gpx_10(element) if "link" in order else []
    renewed.extend(sorted(gpx_children, key=lambda child: order.index(get_local_name(child))))
    if foreign_children:
        extensions = ET.SubElement(renewed, f"{{{NAMESPACE}}}extensions")
        extensions.extend(foreign_children)
    return renewed


def read_metadata(root: Element) -> Element:
    """Return what a file says of itself, of GPX 1.0 too, as ``metadata`` of GPX 1.1."""
    metadata = next(find_children(root, "metadata"), None)
    if metadata is not None:
        return rewrite_element(metadata, leave_out=("bounds",))
    # GPX 1.0 has no metadata: what it says of the file stands in the root itself.
    gpx_10_metadata = Element(f"{{{NAMESPACE}}}metadata")
    gpx_10_metadata.extend(
        child
        for child in root
        if is_gpx_element(child)
        and get_local_name(child) in {"name", "desc", "time", "keywords", "url"}
    )
    renewed = rewrite_element(gpx_10_metadata)
    author = read_child_text(root, "author")
    if author:
        element = Element(f"{{{NAMESPACE}}}author")
        ET.SubElement(element, f"{{{NAMESPACE}}}name").text = author
        before = [child for child in renewed if get_local_name(child) in {"name", "desc"}]
        renewed.insert(len(before), element)
    return renewed


def find_children(element: Element, tag: str) -> Iterator[Element]:
    """Return the children of GPX with a name, whatever their namespace's version."""
    return (child for child in element if is_gpx_element(child) and get_local_name(child) == tag)


def read_child_text(element: Element, tag: str) -> str:
    """Return the text of a child, or an empty one."""
    return next(((child.text or "").strip() for child in find_children(element, tag)), "")


def get_local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_gpx_element(element: Element) -> bool:
    """Return whether an element is one of GPX, of any version or without a namespace."""
    if not isinstance(element.tag, str):
        return False
    namespace = element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""
    return namespace == "" or "topografix.com/GPX/1/" in namespace


def _is_own_element(element: Element) -> bool:
    return str(element.tag).startswith(f"{{{OWN}}}")


def _is_valid(child: Element) -> bool:
    """Return whether a value can stand in a file that follows the schema."""
    tag, text = get_local_name(child), (child.text or "").strip()
    if tag == "time":
        return TIME.fullmatch(text) is not None
    if tag == "ele":
        try:
            return math.isfinite(float(text))
        except ValueError:
            return False
    return bool(text or len(child) or child.attrib)


def _links_of_gpx_10(element: Element) -> list[Element]:
    """Return the address of GPX 1.0 (``url`` with ``urlname``) as a link of GPX 1.1."""
    url = read_child_text(element, "url")
    if not url:
        return []
    link = Element(f"{{{NAMESPACE}}}link", {"href": url})
    if title := read_child_text(element, "urlname"):
        ET.SubElement(link, f"{{{NAMESPACE}}}text").text = title
    return [link]


def _match_points(element: Element, line: shapely.Geometry) -> list[list[Element | None]] | None:
    """Find for each vertex of a line the point that it was read from; None where one has none.

    Vertices are some of the points, in their order: reading leaves out what cannot be.
    """
    # One iterator for all vertices: each search goes on behind the last match, so the order holds
    # and the whole takes one pass over the points.
    points = iter(list(_points_of(element)))
    segments: list[list[Element | None]] = []
    for part in shapely.get_parts(line):
        matched: list[Element | None] = []
        for lon, lat in shapely.get_coordinates(part).tolist():
            point = next(
                (candidate for candidate in points if _is_at(candidate[0], lon, lat)), None
            )
            if point is None:
                return None
            matched.append(point[0] if point[1] else None)
        segments.append(matched)
    return segments


def _points_of(element: Element) -> Iterator[tuple[Element, bool]]:
    """Return the points of a track or route in their order, and whether each is one of GPX.

    Those that are not keep the shape of a Garmin route between two points.
    """
    if get_local_name(element) == "trk":
        for segment in find_children(element, "trkseg"):
            yield from ((point, True) for point in find_children(segment, "trkpt"))
        return
    for point in find_children(element, "rtept"):
        yield point, True
        yield from ((inner, False) for inner in point.iter() if get_local_name(inner) == "rpt")


def _is_at(element: Element, lon: float, lat: float) -> bool:
    try:
        x, y = float(element.get("lon", "")), float(element.get("lat", ""))
    except ValueError:
        return False
    # Frames hold what was parsed from the same digits; this allows for one rounding of a double.
    return abs(x - lon) <= SAME_DEGREES and abs(y - lat) <= SAME_DEGREES
