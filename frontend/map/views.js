// Views of a map that are not shown: where things would be on the screen. Calculated as Leaflet does it, whole pixels too.

import { WIDE } from "./clearing.js";
import { toLatLng } from "./state.js";
import { surroundings, view } from "./view.js";

/** @typedef {{ center: L.LatLng, zoom: number }} View */

/**
 * Find the view into which bounds fit, as Leaflet's fitBounds does.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds
 * @param {{ paddingTopLeft: L.Point, paddingBottomRight: L.Point, maxZoom: number }} options
 * @returns {View}
 */
export function findFit(map, bounds, { paddingTopLeft, paddingBottomRight, maxZoom }) {
  const zoom = Math.min(maxZoom, map.getBoundsZoom(bounds, false, paddingTopLeft.add(paddingBottomRight)));
  const southWest = map.project(bounds.getSouthWest(), zoom), northEast = map.project(bounds.getNorthEast(), zoom);
  const middle = southWest.add(northEast).add(paddingBottomRight).subtract(paddingTopLeft).divideBy(2);
  return { center: map.unproject(middle, zoom), zoom: zoom };
}

/**
 * Return the view at another zoom in which one pixel of the screen shows the same place.
 * @param {L.Map} map
 * @param {View} view
 * @param {L.Point} pixel
 * @param {number} zoom no less than the map's least
 * @returns {View}
 */
export function zoomAround(map, { center, zoom: oldZoom }, pixel, zoom) {
  const newZoom = Math.max(map.getMinZoom(), zoom);
  const aside = pixel.subtract(map.getSize().divideBy(2));
  const place = map.unproject(map.project(center, oldZoom).add(aside), oldZoom);
  return { center: map.unproject(map.project(place, newZoom).subtract(aside), newZoom), zoom: newZoom };
}

/**
 * Return what finds the pixel of a place in a view.
 * @param {L.Map} map
 * @param {View} view
 * @returns {(place: L.LatLng) => L.Point}
 */
export function projectInto(map, { center, zoom }) {
  const corner = map.project(center, zoom).subtract(map.getSize().divideBy(2)).round();
  return (place) => map.project(place, zoom).round().subtract(corner);
}

/**
 * Return the middle of what nothing covers.
 * @param {L.Map} map
 */
export function findFreeMiddle(map) {
  const { x, y } = map.getSize();
  const { top, right, bottom, left } = surroundings.insets;
  return L.point((left + x - right) / 2, (top + y - bottom) / 2);
}

const ORIGIN_REACH = 24; // pixels from the middle of one's own dot to its edge, and a little more

/**
 * Return a view in which the dot of where one asks from is whole or out: the nearer of both, beside the one that was found.
 * A narrow map has no room for it beside its tools.
 * @param {L.Map} map
 * @param {View} found
 * @returns {View}
 */
export function findWhole(map, found) {
  const size = map.getSize();
  if (!view.from || size.x < WIDE) return found;
  const point = projectInto(map, found)(toLatLng([view.from.lon, view.from.lat]));
  const { top, right, bottom, left } = surroundings.insets;
  const aside = L.point(findShift(point.x, left, size.x - right), findShift(point.y, top, size.y - bottom));
  if (Number.isNaN(aside.x + aside.y)) return found; // the dot is out already
  return { ...found, center: map.unproject(map.project(found.center, found.zoom).subtract(aside), found.zoom) };
}

/**
 * Return by how much what is cut by an edge moves to be whole or out; NaN where it is out.
 * @param {number} at pixels
 * @param {number} low
 * @param {number} high
 */
function findShift(at, low, high) {
  const inside = Math.min(at - low, high - at); // pixels from the nearer edge
  if (inside <= -ORIGIN_REACH) return NaN;
  if (inside >= ORIGIN_REACH) return 0;
  const inward = inside < 0 ? -ORIGIN_REACH - inside : ORIGIN_REACH - inside;
  return at - low < high - at ? inward : -inward;
}
