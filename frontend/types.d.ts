// Types that more than one module names: what Python hands over, and what scripts share on `window`.

import type { DayTable, StateOfDay } from "./days/table.js";

declare global {
  /** A trail's state on a day; empty for what has none. */
  type State = "open" | "closed" | "planned" | "unknown";
  type LonLat = [lon: number, lat: number];

  /** What mapserver/drawing/layer_features.py writes of a feature, for its card and the lists. */
  interface Caption {
    name: string;
    place?: string;
    state?: State;
    stateText?: string;
    rows?: [label: string, value: string][];
    label?: LonLat;
    fill?: string;
    kind?: string;
    trail?: string;
    figure?: string;
    facts?: string[];
  }
  interface Feature extends GeoJSON.Feature<GeoJSON.Geometry, Caption> {
    id: string;
  }
  interface FeatureCollection extends GeoJSON.FeatureCollection<GeoJSON.Geometry, Caption> {
    features: Feature[];
  }

  /** How a layer is drawn: `Drawing` of mapserver/drawing/leaflet.py. */
  interface Drawing {
    id: string;
    role: string;
    color: string;
    fill: string;
    word: string;
    /** Colour of pins and pictures, and of what is drawn in them; empty where kinds have their own. */
    icon: string;
    onIcon: string;
    dash: string | null;
    weight: number;
    casing: boolean;
    fillOpacity: number | null;
    pane: string;
    labels: string | null;
    pins: string | null;
    sample: string;
    interactive: boolean;
    hasPages: boolean;
    isFindable: boolean;
  }

  interface LegendEntry {
    className: string;
    kind?: string;
    text: string;
    icon?: string;
    onIcon?: string;
  }
  interface ColourScale {
    title: string;
    steps: [color: string, text: string][];
    unknown: string;
  }
  /** What mapserver/drawing/map_legend.py hands over of the map as a whole. */
  interface Furniture {
    bounds: L.LatLngBoundsLiteral;
    panes: Record<string, [from: number, to: number]>;
    near: number;
    badge?: string;
    legend: LegendEntry[];
    scale?: ColourScale;
    text: Record<
      "map" | "layers" | "zoomIn" | "zoomOut" | "close" | "noPosition" | "noTiles" | "missing",
      string
    >;
  }

  /** A feature on the map, and the layer of Leaflet that draws it. */
  interface DrawnFeature {
    feature: Feature;
    at?: LonLat;
    drawn?: L.Path & { getBounds?: () => L.LatLngBounds };
  }
  interface DrawnLayer {
    group: L.FeatureGroup;
    byId: Record<string, DrawnFeature>;
    options: Drawing;
  }

  /** A feature and how far it is; what `findNearest` answers. */
  interface Nearest<F> {
    feature: F;
    distance_m: number;
    /** From the place asked about, clockwise from north. */
    bearing_deg: number;
    nearest_lon: number;
    nearest_lat: number;
    /** From the beginning of the line to the nearest place on it. */
    along_m: number;
  }

  /** What `map.js` shares with the scripts that Folium writes, with those of pages, and with notebooks. */
  interface Maenballo {
    layer(data: FeatureCollection, options: Drawing): L.FeatureGroup;
    furnish(map: L.Map, options: Furniture, fits: boolean): void;
    open(layerId: string, featureId: string, at?: L.LatLng): void;
    layers: Record<string, DrawnLayer>;
    control?: L.Control.Layers;
    bounds?: L.LatLngBoundsLiteral;
    toLatLng(place: GeoJSON.Position): L.LatLng;
    element(tag: string, className?: string, text?: string): HTMLElement;
    addressOf(role: string, id: string): string;
    pictogram(kind: string): SVGElement;
    /** Set by companion.js: how many additions could not be drawn. */
    faults?: number;
    missed?(fault: unknown): void;
    escaped?(value: unknown): string;
    /** Set by pages. */
    nearest?: unknown;
    within?: unknown;
    shopsGroup?: L.LayerGroup;
  }

  /** What a page shows of a day on which it was not written: days.js, or kept.js in its place. */
  interface Days {
    use?(table: DayTable): void;
    stateOf?(id: string): StateOfDay;
    fillIn(features: Feature[]): void;
    legend(entries: LegendEntry[]): LegendEntry[];
  }

  interface Window {
    maenballo: Maenballo;
    maenballoDays?: Days;
    /** The map of a page, named by its container (mapserver/drawing/maps.py). */
    map_main?: L.Map;
    jQuery?: { fn: Record<string, unknown> };
  }
  const maenballo: Maenballo;
}
