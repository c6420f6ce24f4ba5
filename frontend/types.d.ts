// Types that more than one module names: what Python hands over, and what scripts share on `window`.

import type { DayTable, StateOfDay } from "./days/table.js";

declare global {
  /** A trail's state on a day; empty for what has none. */
  type State = "open" | "closed" | "planned" | "unknown";
  /** How a state is drawn: that of an open trail has three. */
  type Kind = "open" | "last" | "cond" | "shut" | "planned" | "unknown";
  type LonLat = [lon: number, lat: number];

  /** What mapserver/drawing/layer_features.py writes of a feature, for its card and the lists. */
  interface Caption {
    name: string;
    place?: string;
    state?: State;
    stateText?: string;
    stateKind?: Kind;
    rows?: [label: string, value: string][];
    label?: LonLat;
    fill?: string;
    tint?: number;
    kind?: string;
    trail?: string;
    figure?: string;
    facts?: string[];
  }
  interface Feature extends GeoJSON.Feature<GeoJSON.Geometry, Caption> {
    id: string;
    /** Layer and id of the feature of an earlier layer that has the same outline, which is written there. */
    outlineOf?: [layer: string, id: string];
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
    fillOpacity: number | null;
    pane: string;
    sample: string;
    interactive: boolean;
    hasOwnColor: boolean;
    /** The zoom from which the map has the names; null for never. */
    namesFrom: number | null;
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
    badge?: string;
    legend: LegendEntry[];
    scale?: ColourScale;
    text: Record<
      "map" | "layers" | "zoomIn" | "zoomOut" | "close" | "noPosition" | "noTiles" | "missing" | "twoFingers" | "group",
      string
    >;
  }

  /** How a trail is drawn on the day that is shown: open in three ways, or one of three that are not. */
  type TrailKind = "open" | "last" | "cond" | "shut" | "planned" | "unknown";
  interface Place {
    lat: number;
    lon: number;
  }
  /** A trail among the nearest: what its pill says ("6 min"), and what a screen reader says of it. */
  interface RankedTrail {
    id: string;
    text: string;
    label: string;
  }
  /** What the map shows of the trails; one state for lines, pins, pills and names. */
  interface MapView {
    /** Ids of the trails that are shown; null for all. */
    shown: Set<string> | null;
    /** The nearest trails, the first one first. */
    ranks: RankedTrail[];
    /** Id of the trail that leads; the others step back. */
    chosen: string | null;
    /** Where the question comes from: one's own position, or a place that was named. */
    from: (Place & { isOwn: boolean; accuracy_m?: number | null }) | null;
    /** The kind of a trail on the day that is shown; null for what the data says. */
    kindOf: ((id: string) => TrailKind) | null;
    /** What a screen reader says of a pin; null for the name and the state of the data. */
    labelOf: ((id: string) => string) | null;
    /** The facilities of every trail are shown from near, not of the chosen one alone. */
    hasAllFacilities: boolean;
  }
  /** What covers the edges of the map, in pixels. */
  interface Insets {
    top: number;
    right: number;
    bottom: number;
    left: number;
  }
  /** A shop of the page, a dot on the map: filled where it takes vouchers. */
  interface ShopDot extends Place {
    id: string;
    name: string;
    takesVouchers: boolean;
  }
  /**
   * `detail` of the event `maenballo:pick` on `document`: what was pressed on the map. Unless a listener calls
   * `preventDefault()`, the page of the feature is opened. Beside everything it is `maenballo:ground` ({ lat, lon }).
   */
  interface PickedFeature {
    role: string;
    layer: string;
    id: string;
  }

  /** What only maps of planners have: pages of residents show no card on the map, no legend, no list of layers. */
  interface Planning {
    openCard(layerId: string, featureId: string, at?: L.LatLng): void;
    listenForPointer(group: L.FeatureGroup, options: Drawing): void;
    furnish(map: L.Map, options: Furniture): void;
  }

  /** A feature on the map, and the layer of Leaflet that draws it. */
  interface DrawnFeature {
    feature: Feature;
    at?: LonLat;
    drawn?: L.Path & { getBounds?: () => L.LatLngBounds };
    /** Of a trail: all that is drawn for it (glow, edge, line). */
    strokes?: L.Path[];
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
    /** Give the map what only maps of planners have; notebooks/planner.js does. */
    plan(parts: Planning): void;
    /** Open the card of a feature, on a map of planners. */
    open?(layerId: string, featureId: string, at?: L.LatLng): void;
    /** Say that a feature was pressed: the event, and what follows it. */
    pick(pick: PickedFeature, at?: L.LatLng): void;
    /** The map, once it is furnished. */
    map?: L.Map;
    /** Change what is named, keep the rest, and draw lines, pins, pills and names anew. */
    setView(change: Partial<MapView>): void;
    /** Say what covers the map: its edges, and elements that float on it (search, chips, tools). */
    setInsets(insets: Partial<Insets>, takenElements?: Element[]): void;
    /** Place no pins and names until `setView` is called: a page is about to. */
    awaitView(): void;
    /** Show trails as large as they fit: whole lines, or their starts together with the place asked from. */
    fitTrails(ids: string[], from?: Place | null, isStill?: boolean): void;
    showAll(): void;
    zoomIn(): void;
    zoomOut(): void;
    /** Show shops as dots; pressed, one is picked with the role "shops" and its id. */
    setShops(shops: ShopDot[]): void;
    /** Name what lies on the ground below the map: the names in sight, asked for at each pass. */
    setGround(listGround: () => import("./marks/pass.js").GroundName[]): void;
    /** Mark one shop and bring it into sight; null for none. */
    markShop(shop: ShopDot | null): void;
    /** Make one feature of any layer what the map is about, and fit it. */
    focusOn(layerId: string, featureId: string): void;
    /** Let one finger scroll the page, and two move the map. */
    letPageScroll(): void;
    /** Whether something of the map still comes after its first picture. */
    isWaiting(): boolean;
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

  /** The day that a page is about, held by pages/days.js; modules ask days/day.js. */
  interface Days {
    table: DayTable | null;
    use(table: DayTable): void;
    getDay(): string;
    isToday(): boolean;
    setDay(day: string): void;
    stateOf(id: string): StateOfDay | undefined;
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
