"""The layers of the map: their features, how they look, and what their cards say."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from mapserver.drawing.caption import Caption
from mapserver.drawing.captions import captions_on
from mapserver.drawing.choropleth import ColouredAreas
from mapserver.drawing.leaflet import Drawing, FeatureLayer
from mapserver.drawing.packing import pack_collection
from mapserver.drawing.symbols import choose_icon_colors, symbol
from mapserver.drawing.tints import choose_tints
from mapserver.errors import N_
from mapserver.geo import extent
from mapserver.geo.geodesy import MAP_DECIMALS
from mapserver.model import LayerEntry, Role, State
from mapserver.settings import limits, palette
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.model import Snapshot

THIN_LINES_DEG, THIN_AREAS_DEG = 0.000_003, 0.000_05
"""A layer of very many vertices is thinned on the map, its lines by 0.3 m, its outlines by 5 m."""
THIN_DECIMALS = 5
"""Decimals of thinned outlines: 1 m, less than what thinning moves them by."""


def make_layers(  # noqa: PLR0913, PLR0917 -- what a map depends on
    city: Snapshot,
    lang: str,
    day: dt.date | None,
    fetched: Collection[str],
    coloured: ColouredAreas | None,
    outline: shapely.Geometry | None,
    *,
    has_cards: bool = True,
) -> Iterator[FeatureLayer]:
    """Make the layers of a map, the lowest first.

    Parameters
    ----------
    city, lang
        The city, and the language of the cards.
    day
        The day whose states the cards say; None for a map on which no state is certain.
    fetched
        Ids of layers that the page fetches itself.
    coloured
        Colours and values of the neighbourhoods, if they show a measure.
    outline
        Only features that touch it are drawn; None for all.
    has_cards
        Whether a feature that is pressed shows a card. Without, what only cards say is left out,
        and coordinates are packed.
    """
    captions = captions_on(city, lang, day or city.today())
    say = city.phrases(lang).say
    sample_text = say(N_("Sample data"))
    for id_, frame in city.layers.items():
        entry = city.entry(id_)
        row = entry.role.row
        if row.is_backdrop:
            continue  # of a whole city too many: pages paint them as tiles
        is_drawn = _find_touching(frame, outline)
        if id_ in fetched or not 0 < is_drawn.sum() <= limits.MAX_DRAWN_FEATURES:
            continue
        features, cards = frame[is_drawn], list(itertools.compress(captions.of(id_), is_drawn))
        if day is None and entry.role == Role.TRAILS:
            cards = [_hide_state(caption, lang) for caption in cards]
        drawing = _choose_drawing(entry, sample_text if entry.sample else "", say)
        show = row.is_shown
        collection = _encode_features(features, cards, marks_start=entry.role == Role.TRAILS)
        if entry.role == Role.NEIGHBORHOODS:
            _tint_areas(collection)
        if coloured is not None:
            show = row.is_shown_when_coloured
            if entry.role == Role.NEIGHBORHOODS:
                drawing = replace(drawing, fillOpacity=0.85, color=palette.WHITE, dash=None)
                _paint_areas(collection, coloured)
            elif entry.role == Role.ZONES:
                # A second colour above the measure's would falsify it: outlines alone.
                drawing = replace(drawing, fillOpacity=None)
        if not has_cards:
            collection = pack_collection(collection)
        yield FeatureLayer(collection, drawing, title=entry.title.in_language(lang), show=show)


def list_crowded_layers(
    city: Snapshot, fetched: Collection[str], outline: shapely.Geometry | None
) -> list[str]:
    """List the ids of layers with too many features to be drawn, arguments as of the layers."""
    return [
        id_
        for id_, frame in city.layers.items()
        if id_ not in fetched and not city.entry(id_).role.row.is_backdrop
        if _find_touching(frame, outline).sum() > limits.MAX_DRAWN_FEATURES
    ]


def _hide_state(caption: Caption, lang: str) -> Caption:
    """Return the caption of a trail for a day that is not known: its state is uncertain."""
    text = language.translator(lang).gettext(N_("Not certain"))
    return replace(caption, state=State.UNKNOWN, state_text=text, state_short=text)


def _find_touching(frame: gpd.GeoDataFrame, outline: shapely.Geometry | None) -> NDArray[np.bool_]:
    """Find which features touch an outline; all do where there is none."""
    if outline is None:
        return np.ones(len(frame), bool)
    return np.asarray(shapely.intersects(frame.geometry.to_numpy(), outline), bool)


def _paint_areas(collection: dict[str, Any], coloured: ColouredAreas) -> None:
    """Set the colours of features by their values, and write the values on their cards."""
    for feature in collection["features"]:
        properties, id_ = feature["properties"], feature["id"]
        properties["fill"] = coloured.fills.get(id_, palette.NO_VALUE)
        if id_ in coloured.texts:
            row = (coloured.title, coloured.texts[id_])
            properties["rows"] = [row, *properties.get("rows", ())]


def _choose_drawing(entry: LayerEntry, sample: str, say: Callable[[str], str]) -> Drawing:
    """Choose how a layer is drawn by its role; the catalogue has chosen the colours."""
    look, row = symbol(entry), entry.role.row
    drawing: dict[str, Any] = {
        "id": entry.id,
        "role": str(entry.role),
        "color": look.color,
        "fill": look.fill,
        "dash": look.dash,
        "weight": look.weight_px,
        "fillOpacity": look.fill_opacity,
        "word": say(row.word) if row.word else "",
        "sample": sample,
        **choose_icon_colors(entry),
        "hasPages": row.has_pages,
        "isFindable": row.is_findable,
        **({"pane": row.pane} if row.pane else {}),
        "namesFrom": row.names_from_zoom,
        "hasOwnColor": entry.has_own_color,
    }
    return Drawing(**drawing)


def _encode_features(
    frame: gpd.GeoDataFrame, captions: list[Caption], *, marks_start: bool
) -> dict[str, Any]:
    """Encode the features of a layer as GeoJSON, with their cards and a place for their mark.

    The mark of a line stands at its start, where one sets out, or else in its middle.
    """
    geometries = frame.geometry.to_numpy()
    # Heights are not drawn, and six decimals are 0.1 m: both would only make the page heavier.
    flat = _thin_vertices(shapely.force_2d(geometries))
    flat = shapely.transform(flat, lambda xy: np.round(xy, MAP_DECIMALS))
    features = []
    for position, (id_, geometry, text) in enumerate(
        zip(frame.index, flat, shapely.to_geojson(flat), strict=True)
    ):
        if geometry is None or geometry.is_empty:
            continue
        properties = _describe_feature(captions[position])
        properties["label"] = _find_start(geometry) if marks_start else _find_mark(geometry)
        features.append(
            {
                "type": "Feature",
                "id": str(id_),
                "geometry": json.loads(text),
                "properties": properties,
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _describe_feature(caption: Caption) -> dict[str, Any]:
    """Return what the script of the map shows of a feature; what is empty is left out."""
    texts: dict[str, Any] = {
        "name": caption.name,
        "place": caption.place,
        "rows": caption.rows,
        "state": caption.state,
        "stateText": caption.state_text,
        "kind": caption.kind,
    }
    if caption.state:
        # The first fact is the state, which stands there already.
        texts |= {"figure": caption.figure, "facts": caption.facts[1:]}
    if caption.state == State.OPEN and caption.state_kind != State.OPEN:
        # Its last days, or a condition: a map without a table of days draws them, too.
        texts["stateKind"] = caption.state_kind
    if caption.kind:
        texts["trail"] = caption.trail
    return {key: value for key, value in texts.items() if value}


def _tint_areas(collection: dict[str, Any]) -> None:
    """Write one of four tints into each area, so that no two neighbours are alike."""
    features = collection["features"]
    outlines = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    for feature, tint in zip(features, choose_tints(outlines), strict=True):
        feature["properties"]["tint"] = tint


def _thin_vertices(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave out vertices that a map does not show, where there are very many.

    It is for display only. Outlines of neighbours keep a common border.
    """
    if shapely.get_num_coordinates(geometries).sum() <= limits.MAX_FULL_VERTICES:
        return geometries
    is_areal = shapely.get_dimensions(geometries) == 2
    thinned = shapely.simplify(geometries, THIN_LINES_DEG)
    # One by one, neighbours would lose different vertices of their border, and gape.
    areas = shapely.coverage_simplify(geometries[is_areal], THIN_AREAS_DEG)
    thinned[is_areal] = shapely.transform(areas, lambda xy: np.round(xy, THIN_DECIMALS))
    return np.where(shapely.is_empty(thinned), geometries, thinned)


def _find_start(line: shapely.Geometry) -> list[float]:
    """Find where a line begins, in degrees."""
    lon, lat = shapely.get_coordinates(line)[0]
    return [round(lon, MAP_DECIMALS), round(lat, MAP_DECIMALS)]


def _find_mark(geometry: shapely.Geometry) -> list[float]:
    """Find where a feature's mark stands, in degrees: on the line, inside the polygon."""
    if geometry.geom_type.endswith("LineString"):
        # In the middle of the longest line, which a jump over the 180th meridian may have cut.
        lines = shapely.get_parts(extent.divide_lines(np.array([geometry], dtype=object)))
        longest = lines[int(np.argmax(shapely.length(lines)))]
        mark = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    elif geometry.geom_type.endswith("Polygon"):
        polygons = shapely.get_parts(geometry)
        mark = shapely.point_on_surface(polygons[int(np.argmax(shapely.area(polygons)))])
    else:
        mark = shapely.point_on_surface(geometry)
    return [round(mark.x, MAP_DECIMALS), round(mark.y, MAP_DECIMALS)]
