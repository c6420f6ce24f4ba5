"""GPX files, parsed in one pass: tracks, routes and waypoints as gpxpy has them, and their points.

The document is read as a stream, so that each value is checked where its line is known and what is
not GPX takes no memory. A recorder writes hundreds of thousands of points: those of tracks and
routes go into arrays, since an object for each would take most of the time.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

import gpxpy.gpx

from mapserver.errors import N_, DataError
from mapserver.geo import geodesy
from mapserver.readers.gpx.decoding import decode_gpx, make_size_error
from mapserver.readers.gpx.document import Counts, Document, Points, SegmentRecord, Way
from mapserver.readers.gpx.element_names import ElementNames
from mapserver.readers.gpx.values import (
    NUMBER,
    BadValues,
    clean_text,
    parse_elevation,
    parse_time,
)
from mapserver.settings import limits

# The schema has more elements; what is not read is skipped with all that is in it.
VALUES = {
    "name": "name",
    "cmt": "comment",
    "desc": "description",
    "sym": "symbol",
    "type": "type",
    "ele": "elevation",
    "time": "time",
}
"""Attributes of gpxpy's objects by the elements that hold nothing but a value."""

SHAPE_POINT = "rpt"
"""Points of a Garmin route between two of its own (``gpxx:RoutePointExtension``)."""

PAUSES = {"100", "200"}
"""Latitudes of the marks at longitude 0 that OpenTracks once wrote for "paused" and "resumed"."""

NOTHING: dict[str, str] = {}
"""What is expected in a value, and in an element that is skipped."""


def parse_gpx(data: bytes, *, name: str) -> Document:
    """Parse a GPX file, 1.0 or 1.1, in one pass.

    Parameters
    ----------
    data
        The bytes of the file, perhaps compressed.
    name
        What to call it in messages.

    Raises
    ------
    DataError
        It is no GPX file, breaks off, declares a DTD, is too large, or has a point that is no
        place on earth.
    """
    text, findings = decode_gpx(data, name=name)
    reader = _Reader(name)
    try:
        for start in range(0, len(text), limits.GPX_CHUNK_LETTERS):
            reader.parse_chunk(text[start : start + limits.GPX_CHUNK_LETTERS])
        reader.parse_chunk("", is_last=True)
    except expat.ExpatError as error:
        raise DataError(
            N_("the XML is broken: {reason}"),
            where=f"{name}:{error.lineno}",
            mend=N_("Export the track again; the file breaks off or was edited by hand"),
            reason=expat.ErrorString(error.code),
        ) from error
    return Document(
        reader.title,
        [*reader.tracks, *reader.routes],
        reader.waypoints,
        reader.counts,
        [*findings, *reader.bad_values.describe(name)],
    )


class _Reader:
    """The handlers of the XML parser, and what they have read so far.

    They are called a dozen times for each point of a recording, so they look up nothing that can
    be prepared. ``_expected`` has the tags of what is read in the open element by their names with
    the prefix that the file gives them; it is empty in a value, and in an element that is skipped.
    """

    def __init__(self, name: str) -> None:
        self.title: str | None = None
        self.tracks: list[Way] = []
        self.routes: list[Way] = []
        self.waypoints: list[gpxpy.gpx.GPXWaypoint] = []
        self.counts = Counts()
        self.bad_values = BadValues()
        self._name = name
        self._path: list[str] = []  # tags of the open elements that are read and hold others
        self._depth = 0  # of all open elements
        self._skipped = 0  # open elements within the last of the path
        self._point_count = 0
        self._names = ElementNames()
        self._expected: dict[str, str] = {}
        # A value belongs to a point of the segment, or else to an object of gpxpy.
        self._element: Any = None
        self._segments: list[Points] = []
        self._segment = SegmentRecord()
        self._position: int | None = None
        # The beginning of a value, and the pieces of text since then, which the parser appends
        # itself: a handler in Python would take longer than all else that is done with them.
        self._value_tag = ""
        self._value = ""
        self._texts: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start_element
        self.parser.EndElementHandler = self._end_element
        self.parser.CharacterDataHandler = self._texts.append
        # Entities of a DTD read other files and grow without bounds; without one there are none.
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def parse_chunk(self, text: str, *, is_last: bool = False) -> None:
        """Parse the next piece of the file."""
        self.parser.Parse(text, is_last)
        self._move_texts()

    # -- the beginning of an element ---------------------------------------------------------------

    def _start_element(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > limits.MAX_GPX_DEPTH:
            raise DataError(
                N_("elements are nested more than {depth} deep"),
                where=self._format_place(),
                mend=N_("Export the track again without extensions"),
                depth=limits.MAX_GPX_DEPTH,
            )
        tag = self._expected.get(name)
        # The two attributes of most points are their place, so they declare no namespace.
        if attributes and (tag != "trkpt" or len(attributes) != 2):
            for attribute in attributes:
                if attribute.startswith("xmlns"):
                    self._declare_namespaces(attributes)
                    tag = self._expected.get(name)
                    break
        if tag in VALUES:
            self._value_tag = tag
            self._value = ""
            self._texts.clear()
            self._expected = NOTHING
        elif tag is None:
            self._start_unexpected(name, attributes)
        elif tag == "trkpt" and attributes.get("lon") == "0" and attributes.get("lat") in PAUSES:
            self._start_pause()
        else:
            self._start_container(tag, attributes)

    def _start_unexpected(self, name: str, attributes: dict[str, str]) -> None:
        """Begin the root, or skip an element with all that is in it."""
        if not self._path:
            self._start_root(name)
            return
        self._move_texts()  # what follows is no part of a value
        self._skipped += 1
        self._expected = NOTHING
        # Garmin keeps the shape of a route between two of its points in extensions of the first.
        if self._path[-1] == "rtept" and name.rpartition(":")[2] == SHAPE_POINT:
            self._add_point(attributes)

    def _start_root(self, name: str) -> None:
        if name.rpartition(":")[2] != "gpx":
            raise DataError(
                N_("this is not a GPX file: it begins with <{element}>"),
                where=self._format_place(),
                mend=N_("Export the track as GPX; giving a file another ending is not enough"),
                element=name[:40],
            )
        self._names.set_root(name)
        self._path.append("gpx")
        self._expected = self._names.expected["gpx"]

    def _start_container(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a track, a route, a segment or a point that holds values."""
        match tag:
            case "trkpt" | "rtept":
                self._position = self._add_point(attributes)
            case "trk":
                self._element, self._segments = gpxpy.gpx.GPXTrack(), []
            case "rte":
                self._element, self._segments = gpxpy.gpx.GPXRoute(), []
                self._segment = SegmentRecord()
            case "trkseg":
                self._segment = SegmentRecord()
            case "wpt":
                lon, lat = self._read_place(attributes)
                self._element = gpxpy.gpx.GPXWaypoint(lat, lon)
            case "metadata":
                # Some programs put their tracks into the metadata, so it is read as the root is.
                tag = "gpx"
        self._path.append(tag)
        self._expected = self._names.expected[tag]

    def _start_pause(self) -> None:
        """Begin a new segment at a pause, which is a point that nobody was at."""
        self.counts.track_points += 1
        self._skipped += 1
        self._expected = NOTHING
        self._end_segment()
        self._segment = SegmentRecord()

    def _declare_namespaces(self, attributes: dict[str, str]) -> None:
        self._names.declare(attributes, self._depth)
        # In a value and in a skipped element nothing is read, whatever its namespace.
        if self._path and self._expected:
            self._expected = self._names.expected[self._path[-1]]

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise DataError(
            N_("the file declares a document type (DTD), which could read other files"),
            where=self._name,
            mend=N_("Delete the line that begins with <!DOCTYPE"),
        )

    # -- the end of an element ---------------------------------------------------------------------

    def _end_element(self, _name: str) -> None:
        # Declared namespaces end with their element.
        if self._depth == self._names.depth:
            self._names.forget()
        self._depth -= 1
        if self._skipped:
            self._texts.clear()
            self._skipped -= 1
            # Still within a skipped element, or back in a value: nothing is expected.
            if self._skipped or self._value_tag:
                return
        elif self._value_tag:
            self._end_value()
        elif self._position is not None:
            # The point of a track or a route, the only elements with a position.
            self.counts.route_points += self._path.pop() == "rtept"
            self._position = None
        else:
            self._end_container(self._path.pop())
            if not self._path:
                return
        self._expected = self._names.expected[self._path[-1]]

    def _end_container(self, tag: str) -> None:
        """Add what has been read to the whole, and count it."""
        match tag:
            case "wpt":
                self.counts.waypoints += 1
                self.waypoints.append(self._element)
            case "rte":
                self.counts.routes += 1
                self._segments.append(self._segment.build_points())
                self.routes.append(Way(self._element, "route", self._segments))
            case "trk":
                self.counts.tracks += 1
                self.tracks.append(Way(self._element, "track", self._segments))
            case "trkseg":
                # A segment with a pause is one segment of the file.
                if self._segment.lon:
                    self.counts.segments += 1
                else:
                    self.counts.empty_segments += 1
                self._end_segment()

    def _end_segment(self) -> None:
        # Points are counted with their segment, which is quicker than one by one.
        self.counts.track_points += len(self._segment.lon)
        self._segments.append(self._segment.build_points())

    def _end_value(self) -> None:
        """Set a value where it belongs, if it can be used; the first of several counts."""
        tag, self._value_tag = self._value_tag, ""
        text = self._value + "".join(self._texts)
        position = self._position
        if tag == "ele":
            elevation_m = parse_elevation(text)
            if elevation_m is None:
                self._note_bad_value(tag, text)
            elif position is None:
                self._set_attribute(tag, elevation_m)
            elif self._segment.elevations_m[position] is None:
                self._segment.elevations_m[position] = elevation_m
        elif tag == "time":
            time = parse_time(text)
            if time is None:
                self._note_bad_value(tag, text)
            elif position is None:
                self._set_attribute(tag, time)
            elif self._segment.timed_position != position:
                self._segment.times.append(time)
                self._segment.timed_position = position
        elif text := clean_text(text[: limits.MAX_GPX_TEXT_LETTERS]):
            self._set_attribute(tag, text)

    def _set_attribute(self, tag: str, value: object) -> None:
        """Set an attribute of gpxpy's object, or the title, unless it has a value."""
        if self._path[-1] == "gpx":
            self.title = self.title or str(value)
        elif getattr(self._element, VALUES[tag]) is None:
            setattr(self._element, VALUES[tag], value)

    def _note_bad_value(self, tag: str, text: str) -> None:
        self.bad_values.add(tag, text, self.parser.CurrentLineNumber)

    def _move_texts(self) -> None:
        """Move the pieces of text to the value that they belong to, unless it is long enough."""
        if self._value_tag and not self._skipped and len(self._value) < limits.MAX_GPX_TEXT_LETTERS:
            self._value += "".join(self._texts)
        self._texts.clear()

    # -- places ------------------------------------------------------------------------------------

    def _add_point(self, attributes: dict[str, str]) -> int:
        """Add a point to the segment and return its position in it."""
        lon, lat = self._read_place(attributes)
        segment = self._segment
        segment.lon.append(lon)
        segment.lat.append(lat)
        segment.elevations_m.append(None)
        return len(segment.lon) - 1

    def _read_place(self, attributes: dict[str, str]) -> tuple[float, float]:
        """Return the longitude and latitude of a point in degrees."""
        self._point_count += 1
        if self._point_count > limits.MAX_GPX_POINTS:
            raise make_size_error(self._name)
        # float() is quicker than a regular expression, and reads every decimal of XML and a few
        # texts more: those with an underscore, NaN, infinity.
        try:
            lon_text, lat_text = attributes["lon"], attributes["lat"]
            lon, lat = float(lon_text), float(lat_text)
        except (KeyError, ValueError):
            raise self._make_place_error(attributes) from None
        # NaN is in no range.
        if not (-180 <= lon <= 180 and -90 <= lat <= 90) or "_" in lon_text or "_" in lat_text:
            raise self._make_place_error(attributes)
        return lon, lat

    def _make_place_error(self, attributes: dict[str, str]) -> DataError:
        """Make the error that says what is wrong with the coordinates of a point."""
        values = {}
        for attribute in ("lon", "lat"):
            text = attributes.get(attribute, "").strip()
            if not NUMBER.fullmatch(text):
                return DataError(
                    N_("{attribute} is {value}, which is not a number")
                    if text
                    else N_("{attribute} is missing"),
                    where=self._format_place(),
                    mend=N_("Write degrees with a decimal point, such as 126.8514"),
                    attribute=attribute,
                    value=repr(text[:40]),
                )
            values[attribute] = float(text)
        what, mend = geodesy.find_lonlat_fault(values["lon"], values["lat"]) or ("", "")
        return DataError(what, where=self._format_place(), mend=mend, **values)

    def _format_place(self) -> str:
        """Return the file and the line where the parser is."""
        return f"{self._name}:{self.parser.CurrentLineNumber}"
