// What the parts of the map know together: which layers it has, and about which longitude it lies.

/** The layers that can be opened, by id: what a page needs to find a feature. @type {Record<string, DrawnLayer>} */
export const layers = {};

let middleLon = 0;
/** @type {L.Map | null} */
let furnishedMap = null;
/** @type {Planning | null} */
let planning = null;

/** Follow the maps that Leaflet makes: about which longitude they lie, and which control lists their layers. */
export function watchMaps() {
  L.Map.addInitHook(/** @this {L.Map} */ function () {
    if (this.options.center) middleLon = L.latLng(this.options.center).lng;
    // What is drawn has no names of its own: pins, lists and cards say it. Programs for the blind would hear of a
    // picture without a name for each pane.
    this.on("layeradd", function ({ layer }) {
      const { _container: drawn } = /** @type {{ _container?: Element }} */ (/** @type {unknown} */ (layer));
      if (layer instanceof L.SVG) drawn?.setAttribute("aria-hidden", "true");
    });
    // Before there are layers: else each would be drawn twice, here and where the whole city fits.
    const { firstBounds } = /** @type {{ firstBounds?: L.LatLngBoundsExpression }} */ (this.options);
    if (firstBounds) showBounds(this, firstBounds);
  });
  // Pages of residents have none.
  L.Control.Layers?.addInitHook(/** @this {L.Control.Layers} */ function () {
    window.maenballo.control = this; // a page may have layers of its own to add
  });
}

/**
 * Show bounds as the first view of a map. Folium's own way begins with an animation, during which a page cannot ask for
 * another view.
 * @param {L.Map} map
 * @param {L.LatLngBoundsExpression} bounds
 */
export function showBounds(map, bounds) {
  map.fitBounds(bounds, { padding: [12, 12], animate: false });
}

/**
 * Return a place as Leaflet has it, on the side of 180 degrees on which the map is.
 * @param {GeoJSON.Position} place lon, lat
 */
export function toLatLng([lon, lat]) {
  return L.latLng(lat, lon - 360 * Math.round((lon - middleLon) / 360));
}

/**
 * Remember the map, once it is furnished.
 * @param {L.Map} map
 */
export function setMap(map) {
  furnishedMap = map;
  window.maenballo.map = map;
}

/** Return the map, once it is furnished. */
export function getMap() {
  return furnishedMap;
}

/**
 * Give the map what only maps of planners have: cards, a legend, a list of layers.
 * @param {Planning} parts
 */
export function setPlanning(parts) {
  planning = parts;
}

/** Return what only maps of planners have, and null on pages of residents. */
export function getPlanning() {
  return planning;
}
