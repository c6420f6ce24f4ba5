// Brings the map to what is asked for, in the part of it that nothing covers.

import { getTextSizes } from "../marks/texts.js";
import { lastPass } from "../marks/pass.js";
import { TOOLS_HEIGHT, reachesTools } from "./clearing.js";
import { refreshNow } from "./refreshing.js";
import { getMap, layers, toLatLng } from "./state.js";
import { surroundings, view } from "./view.js";

const WIDE = 720; // pixels; a map that is not as wide is on a telephone
const CITY_SIZE = { x: WIDE, y: 520 }; // pixels of a map on which a whole city is large enough to read
const PADDING = 40, WIDE_PADDING = 70, AREAS_PADDING = 8, CITY_PADDING = 20; // pixels around what is shown
const DROP_HEIGHT = 60; // pixels above a start, taken by the drop of a chosen trail
const LINE_ZOOM = 17, STARTS_ZOOM = 15.75; // no nearer than this
const MOST_STEPS = 4, STEP = 0.25; // back from where not all pills have room
const LEAST = 80; // pixels that paddings leave at least

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Fit bounds into what nothing covers.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds
 * @param {{ maxZoom: number, isStill?: boolean, above?: number, padding?: number }} options
 * with pixels above, for what stands on the bounds, and around them
 */
export function fitBounds(map, bounds, { maxZoom, isStill = false, above = 0, padding }) {
  const { x, y } = map.getSize();
  const { top, right, bottom, left } = surroundings.insets;
  const isAboutAreas = map.getContainer().classList.contains("is-about-areas");
  const wanted = padding ?? (isAboutAreas ? AREAS_PADDING : x < WIDE ? PADDING : WIDE_PADDING);
  const across = Math.max(0, Math.min(wanted, (x - left - right - LEAST) / 2));
  const along = Math.max(0, Math.min(wanted, (y - top - bottom - above - LEAST) / 2));
  const options = {
    paddingTopLeft: L.point(left + across, top + along + above),
    paddingBottomRight: L.point(right + across, bottom + along),
    maxZoom: maxZoom,
    animate: !isStill && !isCalm(),
  };
  if (reachesTools(map, bounds, options)) options.paddingBottomRight.y = bottom + Math.max(along, TOOLS_HEIGHT);
  map.fitBounds(bounds, options);
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
  if (from) return void (fitCity(map, bounds) || fitStarts(map, bounds));
  const above = view.chosen !== null && ids.includes(view.chosen) ? DROP_HEIGHT * getTextSizes(map).scale - 26 : 0;
  fitBounds(map, bounds, { maxZoom: LINE_ZOOM, isStill, above: Math.max(0, above) });
}

/**
 * Show the whole city where it has room with the pills of all that was found: nobody has to ask what lies beyond.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds of what was found
 * @returns whether it is shown; false on a small map, in a city in which pills would touch, and from outside of it
 */
function fitCity(map, bounds) {
  const { x, y } = map.getSize();
  const city = window.maenballo.bounds && L.latLngBounds(window.maenballo.bounds);
  if (!city || x < CITY_SIZE.x || y < CITY_SIZE.y || !city.contains(bounds)) return false;
  fitBounds(map, city, { maxZoom: STARTS_ZOOM, isStill: true, padding: CITY_PADDING });
  return countPills() === view.ranks.length;
}

/**
 * Show the starts of trails, and step back until all pills have room; where none has all, the best view stays.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds
 */
function fitStarts(map, bounds) {
  fitBounds(map, bounds, { maxZoom: STARTS_ZOOM, isStill: true, above: 14 });
  let best = { count: countPills(), center: map.getCenter(), zoom: map.getZoom() };
  for (let i = 0; i < MOST_STEPS && best.count < view.ranks.length; i++) {
    map.setZoomAround(findFreeMiddle(map), map.getZoom() - STEP, { animate: false });
    const count = countPills();
    if (count > best.count) best = { count, center: map.getCenter(), zoom: map.getZoom() };
  }
  map.setView(best.center, best.zoom, { animate: false });
  refreshNow();
}

/** Count the pills that have found room. */
function countPills() {
  refreshNow();
  return lastPass.pins.filter(({ look }) => look === "pill").length;
}

/**
 * Return the middle of what nothing covers.
 * @param {L.Map} map
 */
function findFreeMiddle(map) {
  const { x, y } = map.getSize();
  const { top, right, bottom, left } = surroundings.insets;
  return L.point((left + x - right) / 2, (top + y - bottom) / 2);
}

/** Show the whole city. */
export function showAll() {
  const map = getMap();
  const { bounds } = window.maenballo;
  if (map && bounds) fitBounds(map, L.latLngBounds(bounds), { maxZoom: LINE_ZOOM, isStill: true });
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
  if (!map.hasLayer(layer.group)) map.addLayer(layer.group);
  if (layer.options.role === "trails") view.chosen = featureId;
  else surroundings.focus = { layer: layerId, id: featureId };
  map.invalidateSize({ animate: false });
  const { at, drawn } = entry;
  if (layer.options.role === "trails") fitTrails([featureId], null, true);
  else if (drawn && drawn.getBounds) fitBounds(map, drawn.getBounds(), { maxZoom: 18, isStill: true });
  else if (at) map.setView(toLatLng(at), LINE_ZOOM, { animate: false });
  for (const [id, { drawn: each }] of Object.entries(layer.byId)) {
    const element = each && /** @type {SVGElement | undefined} */ (each.getElement());
    if (element) element.classList.toggle("in-focus", id === featureId);
  }
  refreshNow();
}
