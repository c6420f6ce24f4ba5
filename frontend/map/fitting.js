// Brings the map to what is asked for, in the part of it that nothing covers.

import { getTextSizes } from "../marks/texts.js";
import { choosePadding, CITY_PADDING, WIDE } from "./clearing.js";
import { doWaiting } from "./later.js";
import { refreshNow, refreshSoon } from "./refreshing.js";
import { findStarts } from "./starts.js";
import { getMap, layers, toLatLng } from "./state.js";
import { surroundings, view } from "./view.js";
import { findFit, findWhole } from "./views.js";

const DROP_HEIGHT = 60; // pixels above a start, taken by the drop of a chosen trail
const LINE_ZOOM = 17; // no nearer than this

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @type {(() => void) | null} what the map is brought to when it has come to rest */
let awaited = null;

/**
 * Move a map, or do so when the zoom that is under way has ended: Leaflet would drop it without a word.
 * @param {L.Map} map
 * @param {() => void} move of several that are asked for meanwhile, the last one counts
 */
export function moveWhenStill(map, move) {
  if (!isZooming(map)) return move();
  if (!awaited) {
    map.once("zoomend", () => {
      const last = awaited;
      awaited = null;
      if (last) last();
    });
  }
  awaited = move;
}

/**
 * Check whether a map is on its way to another zoom; Leaflet has no public way to ask.
 * @param {L.Map} map
 */
function isZooming(map) {
  return /** @type {{ _animatingZoom?: boolean }} */ (/** @type {unknown} */ (map))._animatingZoom === true;
}

/**
 * Fit bounds into what nothing covers.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds
 * @param {{ maxZoom: number, isStill?: boolean, above?: number, padding?: number }} options pixels above, for what
 * stands on the bounds, and around them
 */
export function fitBounds(map, bounds, { isStill = false, ...options }) {
  moveWhenStill(map, () => {
    const { center, zoom } = findWhole(map, findFit(map, bounds, choosePadding(map, bounds, options)));
    map.setView(center, zoom, { animate: !isStill && !isCalm() });
  });
}

/**
 * Show trails: whole lines, or, with a place that was asked from, the starts of the nearest around it.
 * @param {string[]} ids
 * @param {Place | null} [from]
 * @param {boolean} [isStill] without a flight there
 */
export function fitTrails(ids, from, isStill = false) {
  const map = getMap();
  if (!map) return;
  const bounds = L.latLngBounds([]);
  for (const { byId, options } of Object.values(layers)) {
    if (options.role !== "trails") continue;
    for (const id of ids) {
      const { at, drawn } = byId[id] || {};
      if (from && at) bounds.extend(toLatLng(at));
      else if (drawn && drawn.getBounds) bounds.extend(drawn.getBounds());
    }
  }
  if (from) bounds.extend(toLatLng([from.lon, from.lat]));
  if (!bounds.isValid()) return showAll();
  if (from) {
    moveWhenStill(map, () => {
      const { center, zoom } = findStarts(map, bounds);
      map.setView(center, zoom, { animate: false });
    });
    return refreshSoon(); // before the picture is painted, and not in the same task: both together keep a finger waiting
  }
  const above = view.chosen !== null && ids.includes(view.chosen) ? DROP_HEIGHT * getTextSizes(map).scale - 26 : 0;
  fitBounds(map, bounds, { maxZoom: LINE_ZOOM, isStill, above: Math.max(0, above) });
}

/** Show the whole city. */
export function showAll() {
  const map = getMap();
  const { bounds } = window.maenballo;
  // On a telephone the city is as large as it can be.
  const padding = map && map.getSize().x < WIDE ? CITY_PADDING : undefined;
  if (map && bounds) fitBounds(map, L.latLngBounds(bounds), { maxZoom: LINE_ZOOM, isStill: true, padding });
}

/**
 * Make one feature what the map is about, and fit it.
 * @param {string} layerId
 * @param {string} featureId
 */
export function focusOn(layerId, featureId) {
  const map = getMap();
  const layer = layers[layerId];
  const entry = layer && layer.byId[featureId];
  if (!map || !entry) return;
  doWaiting();
  if (!map.hasLayer(layer.group)) map.addLayer(layer.group);
  if (layer.options.role === "trails") view.chosen = featureId;
  else surroundings.focus = { layer: layerId, id: featureId };
  map.invalidateSize({ animate: false });
  const { at, drawn } = entry;
  if (layer.options.role === "trails") fitTrails([featureId], null, true);
  else if (drawn && drawn.getBounds) fitBounds(map, drawn.getBounds(), { maxZoom: 18, isStill: true });
  else if (at) moveWhenStill(map, () => map.setView(toLatLng(at), LINE_ZOOM, { animate: false }));
  for (const [id, { drawn: each }] of Object.entries(layer.byId)) {
    const element = each && /** @type {SVGElement | undefined} */ (each.getElement());
    if (element) element.classList.toggle("in-focus", id === featureId);
  }
  refreshNow();
}
