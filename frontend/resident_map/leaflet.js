// Leaflet with the parts that pages of residents use, and `L` as Folium's script and map.js know it.
// Without popups, tooltips, pictures, canvas, lists of layers and the box that Shift draws it weighs two thirds. Maps of
// planners, to which anything of Leaflet's can be added, have all of it: static/vendor/leaflet.js.

import { Control, control } from "leaflet/src/control/Control.js";
import { Attribution, attribution } from "leaflet/src/control/Control.Attribution.js";
import { Browser, Class, Evented, Handler, Util, bind, extend, setOptions, stamp } from "leaflet/src/core/index.js";
import * as DomEvent from "leaflet/src/dom/DomEvent.js";
import * as DomUtil from "leaflet/src/dom/DomUtil.js";
import { Draggable } from "leaflet/src/dom/Draggable.js";
import { PosAnimation } from "leaflet/src/dom/PosAnimation.js";
import { Earth } from "leaflet/src/geo/crs/CRS.Earth.js";
import { EPSG3857 } from "leaflet/src/geo/crs/CRS.EPSG3857.js";
import { CRS } from "leaflet/src/geo/crs/CRS.js";
import { LatLng, toLatLng } from "leaflet/src/geo/LatLng.js";
import { LatLngBounds, toLatLngBounds } from "leaflet/src/geo/LatLngBounds.js";
import { Bounds, toBounds } from "leaflet/src/geometry/Bounds.js";
import * as LineUtil from "leaflet/src/geometry/LineUtil.js";
import { Point, toPoint } from "leaflet/src/geometry/Point.js";
import * as PolyUtil from "leaflet/src/geometry/PolyUtil.js";
import { FeatureGroup, featureGroup } from "leaflet/src/layer/FeatureGroup.js";
import { GeoJSON, geoJSON } from "leaflet/src/layer/GeoJSON.js";
import { Layer } from "leaflet/src/layer/Layer.js";
import { LayerGroup, layerGroup } from "leaflet/src/layer/LayerGroup.js";
import { DivIcon, divIcon } from "leaflet/src/layer/marker/DivIcon.js";
import { IconDefault } from "leaflet/src/layer/marker/Icon.Default.js";
import { Icon, icon } from "leaflet/src/layer/marker/Icon.js";
import { Marker, marker } from "leaflet/src/layer/marker/Marker.js";
import { GridLayer, gridLayer } from "leaflet/src/layer/tile/GridLayer.js";
import { TileLayer, tileLayer } from "leaflet/src/layer/tile/TileLayer.js";
import { Circle, circle } from "leaflet/src/layer/vector/Circle.js";
import { CircleMarker, circleMarker } from "leaflet/src/layer/vector/CircleMarker.js";
import { Path } from "leaflet/src/layer/vector/Path.js";
import { Polygon, polygon } from "leaflet/src/layer/vector/Polygon.js";
import { Polyline, polyline } from "leaflet/src/layer/vector/Polyline.js";
import { Renderer } from "leaflet/src/layer/vector/Renderer.js";
import { SVG, svg } from "leaflet/src/layer/vector/SVG.js";
import { DoubleClickZoom } from "leaflet/src/map/handler/Map.DoubleClickZoom.js";
import { Drag } from "leaflet/src/map/handler/Map.Drag.js";
import { Keyboard } from "leaflet/src/map/handler/Map.Keyboard.js";
import { ScrollWheelZoom } from "leaflet/src/map/handler/Map.ScrollWheelZoom.js";
import { TouchZoom } from "leaflet/src/map/handler/Map.TouchZoom.js";
import { Map, createMap } from "leaflet/src/map/Map.js";

Object.assign(Control, { Attribution: Attribution });
Object.assign(control, { attribution: attribution });
Object.assign(CRS, { Earth: Earth, EPSG3857: EPSG3857 });
Object.assign(Icon, { Default: IconDefault });
Object.assign(Map, { DoubleClickZoom, Drag, Keyboard, ScrollWheelZoom, TouchZoom });

// As Leaflet's own Renderer.getRenderer, which brings the canvas along: here every pane has one of SVG.
Map.include({
  /** @param {{ options: { renderer?: object, pane: string } }} layer */
  getRenderer: function ({ options }) {
    const renderer = options.renderer || this.options.renderer || (this._paneRenderers[options.pane] ??= svg({ pane: options.pane }));
    if (!this.hasLayer(renderer)) this.addLayer(renderer);
    return renderer;
  },
});

Object.assign(window, {
  L: {
    Browser, Class, Evented, Handler, Util, bind, extend, setOptions, stamp, DomEvent, DomUtil, Draggable, PosAnimation,
    CRS, LatLng, latLng: toLatLng, LatLngBounds, latLngBounds: toLatLngBounds, Bounds, bounds: toBounds, Point,
    point: toPoint, LineUtil, PolyUtil, Control, control, Layer, LayerGroup, layerGroup, FeatureGroup, featureGroup,
    GeoJSON, geoJSON, geoJson: geoJSON, Icon, icon, DivIcon, divIcon, Marker, marker, GridLayer, gridLayer, TileLayer,
    tileLayer, Renderer, SVG, svg, Path, Polyline, polyline, Polygon, polygon, CircleMarker, circleMarker, Circle,
    circle, Map, map: createMap,
  },
});
