"""Features as they are sent, and the place of each in the reference system that it names."""

from __future__ import annotations

import codecs
from typing import Any, Literal

import msgspec

from mapserver.errors import N_, QueryError, fill
from mapserver.model import Snapshot
from mapserver.settings import limits
from mapserver.web.api.systems import CRS84, CRS84_NAMES, EPSG, ReferenceSystem, find_system
from mapserver.web.refusals import SHOWN_LETTERS, require_at_most

Place = tuple[float, float]
NULL = msgspec.Raw(b"null")
NO_IDS = {b"[", b"{", b"t", b"f"}
"""What begins a value of JSON that is no id of a feature, which is a text or a number."""


class SentFeature(msgspec.Struct):
    """What is looked at of a feature; values are not taken apart."""

    type: Literal["Feature"]
    geometry: dict[str, msgspec.Raw] | None = None
    properties: dict[str, msgspec.Raw] | None = None
    id: msgspec.Raw = NULL
    place: dict[str, msgspec.Raw] | None = None
    time: msgspec.Raw = NULL
    coordRefSys: str | None = None  # noqa: N815 -- as JSON-FG calls it
    crs: msgspec.Raw = NULL


class SentCollection(msgspec.Struct):
    """What is looked at of features."""

    type: Literal["FeatureCollection"]
    features: list[SentFeature]
    coordRefSys: str | None = None  # noqa: N815 -- as JSON-FG calls it
    crs: msgspec.Raw = NULL


class _Members(msgspec.Struct):
    """The features once more, each with all of its members."""

    features: list[msgspec.Raw]


class _OldName(msgspec.Struct):
    """A reference system as GeoJSON named it before RFC 7946."""

    properties: dict[str, msgspec.Raw] = {}


def decode_collection(data: bytes) -> tuple[SentCollection, list[msgspec.Raw]]:
    """Decode a FeatureCollection.

    Returns
    -------
    collection : SentCollection
        What is looked at.
    features : list of Raw
        The JSON of each feature, which may have members that nobody looks at.

    Raises
    ------
    QueryError
        It is none.
    RequestEntityTooLarge
        It has more values or features than are answered at once.
    """
    # No value but the first of a list or object comes without a comma or colon before it.
    values = data.count(b",") + data.count(b"[") + data.count(b"{")
    require_at_most(values, limits.MAX_BODY_CELLS, "values")
    data = data.removeprefix(codecs.BOM_UTF8)  # as files of Windows begin (RFC 8259, 8.1)
    try:
        data.decode()  # what is not taken apart is not looked at, and would go out as it came
        collection = msgspec.json.decode(data, type=SentCollection)
        features = msgspec.json.decode(data, type=_Members).features
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise QueryError(
            N_("this is not GeoJSON: {reason}"),
            parameter="body",
            mend=N_("Send a FeatureCollection of points"),
            reason=_cut_reason(str(error)),
        ) from error
    require_at_most(len(features), limits.MAX_BODY_POINTS, "points")
    return collection, features


def _cut_reason(reason: str) -> str:
    """Leave out the middle of a reason that repeats what was sent; at its end it says where."""
    if len(reason) <= 2 * SHOWN_LETTERS:
        return reason
    return f"{reason[:SHOWN_LETTERS]} ... {reason[-SHOWN_LETTERS:]}"


def read_degrees(
    collection: SentCollection, city: Snapshot, system: ReferenceSystem | None
) -> list[Place]:
    """Read longitude and latitude of each feature.

    Parameters
    ----------
    collection
        The features.
    city
        In whose reference systems those of JSON-FG may be.
    system
        The system of a document of JSON-FG, unless a feature or its place names another; None for
        GeoJSON, which has longitude and latitude of WGS 84 alone.

    Raises
    ------
    QueryError
        A feature is no point, has no id that is one, or is in a system that is not offered.
    """
    _require_degrees(collection.crs)
    systems: dict[str | None, ReferenceSystem] = {}
    places = []
    for number, feature in enumerate(collection.features, start=1):
        if bytes(feature.id)[:1] in NO_IDS:
            raise QueryError(
                N_("the id of row {row} is no text and no number"), parameter="body", row=number
            )
        try:
            # JSON-FG has a place in its own system, or the geometry of GeoJSON.
            if system is not None and feature.place is not None:
                name = _read_system_name(feature.place) or feature.coordRefSys
                if name not in systems:
                    systems[name] = find_system(city, name, "coordRefSys") if name else system
                place = _read_point(feature.place)
                place = None if place is None else systems[name].to_degrees(*place)
            else:
                _require_degrees(feature.crs)
                geometry = feature.geometry or {}
                _require_degrees(geometry.get("crs", NULL))
                place = _read_point(geometry)
        except QueryError as error:
            raise QueryError(
                N_("row {row}: {reason}"),
                parameter="body",
                mend=error.mend,
                row=number,
                **error.values | {"reason": f"{error.parameter}: {fill(error.what, error.values)}"},
            ) from error
        if place is None:
            raise refuse_row(number)
        places.append(place)
    return places


def write_feature(sent: msgspec.Raw, answers: dict[str, Any], *, is_jsonfg: bool) -> dict[str, Any]:
    """Write a feature as it was sent, with answers among its properties.

    Members that GeoJSON does not know are given back, too (RFC 7946, 6.1). The old ``crs`` is not:
    what it said is what GeoJSON has anyway.
    """
    members = msgspec.json.decode(sent, type=dict[str, msgspec.Raw])
    properties = msgspec.json.decode(
        members.pop("properties", NULL), type=dict[str, msgspec.Raw] | None
    )
    needed = ("geometry", "place", "time") if is_jsonfg else ("geometry",)
    feature: dict[str, Any] = dict.fromkeys(needed, NULL) | members
    feature.pop("crs", None)
    if bytes(feature.get("id", NULL)) == b"null":
        feature.pop("id", None)
    return feature | {"type": "Feature", "properties": (properties or {}) | answers}


def refuse_row(number: int) -> QueryError:
    """Return the error for a row without a place."""
    return QueryError(
        N_("row {row} has no point"),
        parameter="body",
        mend=N_("Give each row a longitude and a latitude in degrees"),
        row=number,
    )


def _read_point(geometry: dict[str, msgspec.Raw]) -> Place | None:
    """Read the first two coordinates of a GeoJSON point; None when it is none."""
    try:
        if msgspec.json.decode(geometry["type"]) != "Point":
            return None
        position = msgspec.json.decode(geometry["coordinates"], type=list[float])
    except (KeyError, msgspec.DecodeError):
        return None
    return (position[0], position[1]) if len(position) >= 2 else None


def _read_system_name(place: dict[str, msgspec.Raw]) -> str | None:
    """Read the reference system that a place of JSON-FG names for itself."""
    try:
        return msgspec.json.decode(place.get("coordRefSys", NULL), type=str | None)
    except msgspec.DecodeError as error:
        raise QueryError(str(error), parameter="coordRefSys") from error


def _require_degrees(crs: msgspec.Raw) -> None:
    """Check that a member ``crs`` of GeoJSON, as it was before RFC 7946, is WGS 84 in degrees.

    Raises
    ------
    QueryError
        It is another, or cannot be read; degrees of another datum look like those of WGS 84.
    """
    if bytes(crs) == b"null":
        return
    try:
        name = str(msgspec.json.decode(msgspec.json.decode(crs, type=_OldName).properties["name"]))
    except (KeyError, msgspec.DecodeError):
        name = bytes(crs).decode()
    code = EPSG.fullmatch(name)
    # Programs that wrote EPSG:4326 there wrote longitude first all the same.
    if CRS84_NAMES.fullmatch(name) or (code and code[1] == "4326"):
        return
    raise QueryError(
        N_("GeoJSON is in {degrees}, and not in {crs}"),
        parameter="crs",
        mend=N_("Convert it to longitude and latitude of WGS 84, or send it as JSON-FG"),
        degrees=CRS84.uri,
        crs=repr(name[:SHOWN_LETTERS]),
    )
