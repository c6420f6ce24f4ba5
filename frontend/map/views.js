// Views of a map that are not shown: where things would be on the screen. Calculated as Leaflet does it, whole pixels too.

import { surroundings } from "./view.js";

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
