// What is to be marked: trails, names and facilities with their places on the screen.

import { layers, toLatLng } from "../map/state.js";
import { getKind, isOpenKind, isShown, view } from "../map/view.js";

/** @typedef {import("./boxes.js").Box} Box */

/**
 * @typedef {object} TrailOnScreen
 * @property {Feature} feature
 * @property {Drawing} options
 * @property {L.LatLng} at
 * @property {L.Point} point pixels of the container
 * @property {TrailKind} kind
 * @property {RankedTrail | undefined} ranked
 * @property {number} rank from 1; 0 for none
 * @property {L.Path | undefined} drawn
 */

const DISTRICTS_ZOOM = 13.5; // from which districts have their colour (map.css: z-mid)
const MARGIN = 40; // pixels beyond the edge, from where a mark may still reach in
const MARGIN_SHARE = 0.1; // of the view, the same for lines

/**
 * List the layers of a role that are on the map.
 * @param {L.Map} map
 * @param {string} role
 */
export function listLayers(map, role) {
  return Object.values(layers).filter(({ group, options }) => options.role === role && map.hasLayer(group));
}

/**
 * List the trails that are shown and in sight, in the order of rank: the nearest, the open, the others.
 * @param {L.Map} map
 * @param {(place: L.LatLng) => L.Point} [toPixel] of a view that is not shown
 * @returns {TrailOnScreen[]}
 */
export function listTrails(map, toPixel = (place) => map.latLngToContainerPoint(place)) {
  const size = map.getSize();
  const trails = listLayers(map, "trails").flatMap(({ byId, options }) =>
    Object.values(byId).flatMap(function ({ feature, at, drawn }) {
      if (!at || !isShown(feature.id)) return [];
      const latLng = toLatLng(at);
      const point = toPixel(latLng);
      if (point.x < -MARGIN || point.y < -MARGIN || point.x > size.x + MARGIN || point.y > size.y + MARGIN) return [];
      const rank = view.ranks.findIndex(({ id }) => id === feature.id) + 1;
      const kind = getKind(feature);
      return [{ feature, options, at: latLng, point, kind, rank, ranked: view.ranks[rank - 1], drawn }];
    }),
  );
  /** @param {TrailOnScreen} trail */
  const order = ({ kind, rank }) => (rank ? rank - view.ranks.length : isOpenKind(kind) ? 1 : 2);
  return trails.sort((one, other) => order(one) - order(other));
}

const STEP = 9, MOST_STEPS = 30; // pixels between two boxes along a line, and boxes along one side

/**
 * List small boxes along the lines in sight, which names keep off.
 * @param {L.Map} map
 * @param {{ drawn?: L.Path }[]} trails
 * @returns {Box[]}
 */
export function listLineBoxes(map, trails) {
  const size = map.getSize();
  const boxes = [];
  for (const line of trails.flatMap(({ drawn }) => listLinesOnScreen(map, drawn))) {
    /** @type {L.Point | null} */
    let last = null;
    for (const point of line) {
      const isSeen = point.x >= 0 && point.y >= 0 && point.x <= size.x && point.y <= size.y;
      const length = last ? last.distanceTo(point) : STEP;
      if (length < STEP) continue;
      if (isSeen) boxes.push(...listStepBoxes(last || point, point, Math.min(MOST_STEPS, Math.ceil(length / STEP))));
      last = point;
    }
  }
  return boxes;
}

/**
 * List what has an outline that is seen at the zoom of a map: neighbourhoods, and from near districts.
 * @param {L.Map} map
 */
export function listOutlines(map) {
  const roles = map.getZoom() < DISTRICTS_ZOOM ? ["neighborhoods"] : ["neighborhoods", "districts"];
  return roles.flatMap((role) => listLayers(map, role)).flatMap(({ byId }) => Object.values(byId));
}

/**
 * List the lines of a trail or the outlines of an area in pixels of the container; none where they are out of sight.
 * @param {L.Map} map
 * @param {L.Path | undefined} drawn
 * @returns {L.Point[][]}
 */
export function listLinesOnScreen(map, drawn) {
  // Of a whole city most lines are out of sight, and placing each of their vertices takes time.
  if (!(drawn instanceof L.Polyline) || !map.getBounds().pad(MARGIN_SHARE).intersects(drawn.getBounds())) return [];
  const latLngs = drawn.getLatLngs();
  const parts = Array.isArray(latLngs[0]) ? latLngs : [latLngs];
  // Areas of many parts have one list more around their rings.
  const lines = /** @type {L.LatLng[][]} */ (parts.flatMap((part) => (Array.isArray(part) && Array.isArray(part[0]) ? part : [part])));
  return lines.map((line) => line.map((vertex) => map.latLngToContainerPoint(vertex)));
}

/**
 * List the boxes along one side of a line.
 * @param {L.Point} from
 * @param {L.Point} to
 * @param {number} count
 */
function listStepBoxes(from, to, count) {
  const reach = 4; // pixels: half of a line with its casing
  return Array.from({ length: count }, function (_, i) {
    const x = from.x + ((to.x - from.x) * (i + 1)) / count, y = from.y + ((to.y - from.y) * (i + 1)) / count;
    return /** @type {Box} */ ([x - reach, y - reach, x + reach, y + reach]);
  });
}
