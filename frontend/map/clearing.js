// Keeps what is shown clear of the tools, which stand in a lower corner of a telephone's map.

import { surroundings } from "./view.js";

export const WIDE = 720; // pixels; a map that is not as wide is on a telephone
const TOOLS_HEIGHT = 66; // pixels above the lower inset: 48 of the tools, and what parts them from sheet and line

export const CITY_PADDING = 20; // pixels around all of a city, of which nobody asks what lies beyond
const PADDING = 40, WIDE_PADDING = 70, AREAS_PADDING = 8; // pixels around what is shown
const LEAST = 80; // pixels that paddings leave at least

/**
 * Choose how much is left free around bounds, so that nothing covers them.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds
 * @param {{ maxZoom: number, above?: number, padding?: number }} options pixels above, for what stands on the bounds, and
 * around them
 */
export function choosePadding(map, bounds, { maxZoom, above = 0, padding }) {
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
  };
  if (reachesTools(map, bounds, options)) options.paddingBottomRight.y = bottom + Math.max(along, TOOLS_HEIGHT);
  return options;
}

/**
 * Check whether bounds that are fitted so would reach the corner in which the tools stand.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds
 * @param {{ paddingTopLeft: L.Point, paddingBottomRight: L.Point, maxZoom: number }} options
 */
function reachesTools(map, bounds, { paddingTopLeft, paddingBottomRight, maxZoom }) {
  const size = map.getSize();
  const tools = Array.from(document.querySelectorAll(".map-tools, .large-map"), (each) => each.getBoundingClientRect());
  const shown = tools.filter(({ width }) => width > 0);
  if (!shown.length || size.x >= WIDE) return false;
  const padding = paddingTopLeft.add(paddingBottomRight);
  const zoom = Math.min(maxZoom, map.getBoundsZoom(bounds, false, padding));
  // Where Leaflet puts the bounds: their middle on the middle of what the paddings leave.
  const extent = map.project(bounds.getSouthEast(), zoom).subtract(map.project(bounds.getNorthWest(), zoom));
  const middle = paddingTopLeft.add(size).subtract(paddingBottomRight).divideBy(2);
  const left = middle.x - extent.x / 2, right = middle.x + extent.x / 2;
  // The page's own left edge is that of the map wherever the map is as narrow as this, or the panel stands beside it.
  const origin = map.getContainer().getBoundingClientRect().left;
  const isBeside = shown.every((tool) => right < tool.left - origin || left > tool.right - origin);
  return !isBeside && middle.y + extent.y / 2 > size.y - surroundings.insets.bottom - TOOLS_HEIGHT;
}
