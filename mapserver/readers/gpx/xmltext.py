"""GPX text made safe and plain before gpxpy reads it: no DTD, no foreign elements, good numbers.

gpxpy takes any XML parser's word and rewrites namespaces with regular expressions, so what it is
given is written here anew: elements of GPX alone, without prefixes, each value checked.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import math
import re
import xml.sax
import xml.sax.handler
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from mapserver.errors import N_, DataError
from mapserver.geo import geodesy
from mapserver.readers.gpx import plain
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity

MAX_BYTES = 64 * 2**20
MAX_POINTS = 2_000_000
MAX_DEPTH = 200
MAX_TEXT = 20_000

GZIP = b"\x1f\x8b"
DECLARATION = re.compile(r"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["'][^>]*\?>""")
ANY_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
# A coordinate is a decimal number; XML Schema also has INF and NaN, which are no place.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

POINTS = {"wpt", "rtept", "trkpt"}
# What is read, by the element that holds it; all else is passed over with all that is in it.
CONTENT = {
    "gpx": {"metadata", "name", "wpt", "rte", "trk"},
    "trk": {"name", "cmt", "desc", "type", "trkseg"},
    "rte": {"name", "cmt", "desc", "type", "rtept"},
    "trkseg": {"trkpt"},
    "wpt": {"ele", "time", "name", "cmt", "desc", "sym", "type"},
    "rtept": {"ele", "time"},
    "trkpt": {"ele", "time"},
}
GPX_NAMESPACES = frozenset(f"http://www.topografix.com/GPX/{version}" for version in ("1/0", "1/1"))
SHAPE_POINT = "rpt"
"""Points of a Garmin route between two of its own (``gpxx:RoutePointExtension``)."""
LEAVES = {"name", "cmt", "desc", "sym", "type", "ele", "time"}


@dataclass(slots=True)
class Counts:
    """What a GPX file holds, as it stands; segments without a point are counted apart."""

    waypoints: int = 0
    routes: int = 0
    route_points: int = 0
    tracks: int = 0
    track_points: int = 0
    segments: int = 0
    empty_segments: int = 0


def clean_gpx(data: bytes, *, name: str) -> tuple[str, Counts, list[Finding], list[plain.Points]]:
    """Write the content of a GPX file anew, as plain GPX 1.1.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        What to call it in messages.

    Returns
    -------
    text : str
        GPX with tracks, routes and waypoints, coordinates checked, without anything else.
    counts : Counts
        What the file holds.
    findings : list of Finding
        Elevations and times that cannot be used; they cost only themselves.
    segments : list of Points
        Of a long, plainly written file the points of each segment, which in the text is empty;
        else nothing.

    Raises
    ------
    DataError
        It is no GPX file, breaks off, declares a DTD, is too large, or has a point that is no
        place on earth.
    """
    text, findings = decode_gpx(data, name=name)
    text, segments = plain.take_out(text)
    writer = _Writer(name, findings)
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(writer)
    try:
        parser.parse(io.StringIO(text))
    except DefusedXmlException as error:
        raise DataError(
            N_("the file declares a document type (DTD), which could read other files"),
            where=name,
            mend=N_("Delete the line that begins with <!DOCTYPE"),
        ) from error
    except xml.sax.SAXParseException as error:
        raise DataError(
            N_("the XML is broken: {reason}"),
            where=f"{name}:{error.getLineNumber()}",
            mend=N_("Export the track again; the file breaks off or was edited by hand"),
            reason=error.getMessage(),
        ) from error
    counts = writer.counts
    for points in segments:
        counts.track_points += len(points.lonlat)
        counts.segments += 1
        counts.empty_segments -= 1
    if counts.track_points > MAX_POINTS:
        raise _too_large(name)
    _move_title(writer.root)
    rest = ET.tostring(writer.root, encoding="unicode")
    return rest, counts, writer.all_findings(), segments


def _move_title(root: ET.Element) -> None:
    """Move the name of the whole to where GPX 1.1 has it; the root's of 1.0 comes after it."""
    names = root.findall("name")
    for element in names:
        root.remove(element)
    if names:
        root.insert(0, ET.Element("metadata"))
        root[0].append(names[0])


def decode_gpx(data: bytes, *, name: str) -> tuple[str, list[Finding]]:
    """Decode the bytes of a GPX file, perhaps compressed, into text without its declaration.

    Parameters
    ----------
    data, name
        As for :func:`clean_gpx`.

    Returns
    -------
    text : str
        The whole file.
    findings : list of Finding
        An encoding that the file misstates.

    Raises
    ------
    DataError
        It is no GPX file, too large, or in an encoding that cannot be told.
    """
    if data.startswith(GZIP):
        data = _unzipped(data, name)
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    text, findings = _decoded(data, name)
    _require_gpx(text, name)
    return text, findings


class _Writer(xml.sax.handler.ContentHandler):
    """Copies what is GPX into a new tree, and checks each value where its line is known."""

    def __init__(self, name: str, findings: list[Finding]) -> None:
        super().__init__()
        self.root = ET.Element("gpx", {"version": "1.1", "creator": "mapserver"})
        self.counts = Counts()
        self._name = name
        self._findings = findings
        self._bad: dict[str, list[tuple[int, str]]] = {"ele": [], "time": []}
        self._locator: Locator | None = None
        self._prefix = ""
        self._gpx = GPX_NAMESPACES
        self._namespaces: list[dict[str, str]] = [{}]  # of each open element, prefix to namespace
        self._path: list[ET.Element] = []
        self._skipped = 0
        self._depth = 0
        self._points = 0

    def setDocumentLocator(self, locator: Locator) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DataError(
                N_("elements are nested more than {depth} deep"),
                where=self._where(),
                mend=N_("Export the track again without extensions"),
                depth=MAX_DEPTH,
            )
        self._namespaces.append(_declared(attrs, self._namespaces[-1]))
        if not self._path:
            self._begin(name)
            return
        prefix, _, local = name.rpartition(":")
        inside = self._path[-1]
        if self._skipped or not self._is_gpx(prefix) or local not in CONTENT.get(inside.tag, ()):
            self._skipped += 1
            if local == SHAPE_POINT and inside.tag == "rtept":
                self._add_shape_point(attrs)
            return
        if local == "metadata":
            self._path.append(self.root)  # some programs put their tracks in there
            return
        if local == "trkpt" and _is_pause(attrs):
            self._pause()
            return
        element = ET.SubElement(inside, local)
        if local in POINTS:
            self._place(element, attrs)
        self._path.append(element)

    def endElement(self, name: str) -> None:  # noqa: ARG002
        self._depth -= 1
        self._namespaces.pop()
        if self._skipped:
            self._skipped -= 1
            return
        element = self._path.pop()
        if element.tag in LEAVES:
            self._end_leaf(element)
        elif element is not self.root:
            self._count(element)
        if not self._path:
            self._path.append(self.root)  # so that nothing after the root is taken for one

    def characters(self, content: str) -> None:
        if self._skipped or not self._path or self._path[-1].tag not in LEAVES:
            return
        element = self._path[-1]
        if len(element.text or "") < MAX_TEXT:
            element.text = (element.text or "") + content

    def all_findings(self) -> list[Finding]:
        """Give what was odd; values of one kind are one finding."""
        what = {
            "ele": N_(
                "elevations that cannot be used: {count}, first {value}; those points have none"
            ),
            "time": N_("times that cannot be used: {count}, first {value}; those points have none"),
        }
        mend = {
            "ele": N_("Write metres with a decimal point, or leave <ele> out"),
            "time": N_("Write times as 2026-11-23T09:00:00Z, or leave <time> out"),
        }
        return self._findings + [
            Finding(
                Severity.WARNING,
                f"bad-{kind}",
                self._name,
                what[kind],
                mend[kind],
                f"line {bad[0][0]}",
                {"count": len(bad), "value": repr(bad[0][1])},
            )
            for kind, bad in self._bad.items()
            if bad
        ]

    def _count(self, element: ET.Element) -> None:
        counts = self.counts
        match element.tag:
            case "wpt":
                counts.waypoints += 1
            case "rte":
                counts.routes += 1
            case "rtept":
                counts.route_points += 1
            case "trk":
                counts.tracks += 1
            case "trkpt":
                counts.track_points += 1
            case "trkseg" if len(element):
                counts.segments += 1
            case "trkseg":
                counts.empty_segments += 1

    def _pause(self) -> None:
        """Begin a new segment at a pause, which is a point that nobody was at."""
        self.counts.track_points += 1
        self._skipped += 1
        track = self._path[-2]
        self._path[-1] = ET.SubElement(track, "trkseg")

    def _add_shape_point(self, attrs: AttributesImpl) -> None:
        """Add a point between two of a route: Garmin keeps the shape of the way in extensions."""
        route = self._path[-2]
        self._place(ET.SubElement(route, "rtept"), attrs)

    def _is_gpx(self, prefix: str) -> bool:
        """Tell whether a prefix stands for the namespace of GPX, or is the root's."""
        namespaces = self._namespaces[-1]
        return prefix == self._prefix or namespaces.get(prefix, "") in self._gpx

    def _begin(self, name: str) -> None:
        self._prefix, _, local = name.rpartition(":")
        if local != "gpx":
            raise DataError(
                N_("this is not a GPX file: it begins with <{element}>"),
                where=self._where(),
                mend=N_("Export the track as GPX; giving a file another ending is not enough"),
                element=name[:40],
            )
        self._path.append(self.root)
        root = self._namespaces[-1].get(self._prefix)
        self._gpx = GPX_NAMESPACES | ({root} if root else set())

    def _place(self, element: ET.Element, attrs: AttributesImpl) -> None:
        self._points += 1
        if self._points > MAX_POINTS:
            raise _too_large(self._name)
        values = {}
        for attribute in ("lon", "lat"):
            text = str(attrs.get(attribute, "")).strip()
            if not NUMBER.fullmatch(text):
                raise DataError(
                    N_("{attribute} is {value}, which is not a number")
                    if text
                    else N_("{attribute} is missing"),
                    where=self._where(),
                    mend=N_("Write degrees with a decimal point, such as 126.8514"),
                    attribute=attribute,
                    value=repr(text[:40]),
                )
            values[attribute] = float(text)
        fault = geodesy.find_lonlat_fault(values["lon"], values["lat"])
        if fault:
            what, mend = fault
            raise DataError(what, where=self._where(), mend=mend, **values)
        element.set("lat", repr(values["lat"]))
        element.set("lon", repr(values["lon"]))

    def _end_leaf(self, element: ET.Element) -> None:
        text = " ".join(CONTROL.sub(" ", element.text or "").split())
        if element.tag == "ele":
            text = self._checked(element, text, _elevation)
        elif element.tag == "time":
            text = self._checked(element, text, _time)
        element.text = text
        if not text:
            self._path[-1].remove(element)

    def _checked(self, element: ET.Element, text: str, parse: object) -> str:
        value = parse(text) if text else None  # type: ignore[operator]
        if value is None and text:
            self._bad[element.tag].append((self._line(), text[:40]))
        return value or ""

    def _line(self) -> int:
        return (self._locator.getLineNumber() or 0) if self._locator else 0

    def _where(self) -> str:
        return f"{self._name}:{self._line()}"


def _declared(attrs: AttributesImpl, outer: dict[str, str]) -> dict[str, str]:
    """Return the namespaces of an element by prefix: its own declarations and the outer ones."""
    own = {
        name.partition(":")[2]: str(attrs[name])
        for name in attrs.getNames()
        if name == "xmlns" or name.startswith("xmlns:")
    }
    return outer | own if own else outer


def _is_pause(attrs: AttributesImpl) -> bool:
    """Tell the marks that OpenTracks once wrote for "paused" (100, 0) and "resumed" (200, 0)."""
    place = (attrs.get("lat"), attrs.get("lon"))
    return place in {("100", "0"), ("200", "0")}


def _elevation(text: str) -> str | None:
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return repr(value) if math.isfinite(value) else None


def _time(text: str) -> str | None:
    """Give a time in UTC as GPX writes it; one without a zone is taken for UTC, as GPX says."""
    try:
        time = dt.datetime.fromisoformat(text)
        time = time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _decoded(data: bytes, name: str) -> tuple[str, list[Finding]]:
    """Decode by byte order mark, then by the declaration, then by what the bytes prove."""
    if not data.strip(b"\0 \r\n\t"):
        raise DataError(N_("the file is empty"), where=name, mend=N_("Export the track again"))
    findings: list[Finding] = []
    marked = data.startswith(tuple(mark for mark, _ in encoding.BOMS))
    declared = None if marked else DECLARATION.match(data[:400].decode("latin-1"))
    label = declared[1] if declared else None
    try:
        text = encoding.decode_text(data, where=name, label=label)
    except DataError:
        if label is None:
            raise
        text = encoding.decode_text(data, where=name)  # what the bytes themselves prove
        findings.append(
            Finding(
                Severity.WARNING,
                "encoding-misstated",
                name,
                N_("the text is not in the encoding {label} that the file states"),
                N_("Save the file as UTF-8"),
                values={"label": repr(label)},
            )
        )
    # The declaration speaks of bytes; this is text.
    return ANY_DECLARATION.sub("", text, count=1).lstrip(), findings


def _require_gpx(text: str, name: str) -> None:
    """Refuse what is plainly something else, in words that say so."""
    start = text[:200].lower()
    web_page = start.startswith(("<!doctype html", "<html"))
    if web_page or not start.startswith("<"):
        raise DataError(
            N_("this is a web page, not a GPX file")
            if web_page
            else N_("this is not a GPX file, which begins with <"),
            where=f"{name}:1",
            mend=N_("Export the track as GPX; giving a file another ending is not enough"),
        )


def _unzipped(data: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise DataError(
            N_("the archive is broken: {reason}"),
            where=name,
            mend=N_("Export the track again"),
            reason=str(error),
        ) from error


def _too_large(name: str) -> DataError:
    return DataError(
        N_("the file has more than {megabytes} MB or {points} points"),
        where=name,
        mend=N_("Split it, or simplify the track"),
        megabytes=MAX_BYTES // 2**20,
        points=MAX_POINTS,
    )
