// Finds the view in which the starts of the nearest trails have pills. Views are tried without showing them, so that the
// map moves once.

import { countPills } from "../marks/pass.js";
import { choosePadding, CITY_PADDING, WIDE } from "./clearing.js";
import { view } from "./view.js";
import { findFit, findFreeMiddle, zoomAround } from "./views.js";

/** @typedef {import("./views.js").View} View */

const CITY_SIZE = { x: WIDE, y: 520 }; // pixels of a map on which a whole city is large enough to read
const PILL_ABOVE = 14; // pixels
const STARTS_ZOOM = 15.75; // no nearer than this
const MOST_STEPS = 4, STEP = 0.25; // back from where not all pills have room

/**
 * Find the view of the starts of trails.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds of what was found
 * @returns {View}
 */
export function findStarts(map, bounds) {
  return findCity(map, bounds) || findNearest(map, bounds);
}

/**
 * Find the view of the whole city where it has room with the pills of all that was found: nobody has to ask what lies
 * beyond.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds of what was found
 * @returns {View | null} null on a small map, in a city in which pills would touch, and from outside of it
 */
function findCity(map, bounds) {
  const { x, y } = map.getSize();
  const city = window.maenballo.bounds && L.latLngBounds(window.maenballo.bounds);
  if (!city || x < CITY_SIZE.x || y < CITY_SIZE.y || !city.contains(bounds)) return null;
  const found = findFit(map, city, choosePadding(map, city, { maxZoom: STARTS_ZOOM, padding: CITY_PADDING }));
  return countPills(map, found) === view.ranks.length ? found : null;
}

/**
 * Find the nearest view in which all pills have room; where they never have, that in which most have.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds of what was found
 * @returns {View}
 */
function findNearest(map, bounds) {
  let tried = findFit(map, bounds, choosePadding(map, bounds, { maxZoom: STARTS_ZOOM, above: PILL_ABOVE }));
  let best = { ...tried, count: countPills(map, tried) };
  for (let i = 0; i < MOST_STEPS && best.count < view.ranks.length; i++) {
    tried = zoomAround(map, tried, findFreeMiddle(map), tried.zoom - STEP);
    const count = countPills(map, tried);
    if (count > best.count) best = { ...tried, count };
  }
  return best;
}
