// What stands along the chosen trail, from near; what would hide under the drop steps aside on a thin line.

import { toLatLng } from "../map/state.js";
import { view } from "../map/view.js";
import { boxAround } from "./boxes.js";
import { listLayers } from "./scene.js";

/** @typedef {import("./boxes.js").Boxes} Boxes */
/** @typedef {import("./pins.js").Pin} Pin */
/**
 * @typedef {object} Spot
 * @property {Feature} feature
 * @property {Drawing} options
 * @property {L.LatLng} at
 * @property {L.LatLng} stands where its picture is
 * @property {boolean} isSmall
 */

const FIRST_ZOOM = 15, FIRST_ZOOM_OF_ALL = 16.5, FIRST_ZOOM_OF_SMALL = 15.25;
const REACH = 17, SMALL_REACH = 8; // pixels
/** Those that one looks for first; the others follow. */
const ORDER = ["toilet", "foot_wash", "drinking_water", "first_aid", "shoe_rack"];
/** There are many of them along a trail: dots. */
const SMALL_KINDS = ["bench", "light", "sign", "waste_bin"];
/** Where a picture stands that the drop would hide, in pixels from its point. */
const ASIDE = [[48, -12], [-48, -12], [48, -50], [-48, -50], [30, 34], [-30, 34]];

/**
 * Place the facilities of the chosen trail, and take their boxes.
 * @param {L.Map} map
 * @param {Pin | null} drop
 * @param {Boxes} boxes
 * @param {boolean} hasAll whether those of every trail are shown
 * @returns {Spot[]}
 */
export function placeFacilities(map, drop, boxes, hasAll) {
  const zoom = map.getZoom();
  if (zoom < (hasAll ? FIRST_ZOOM_OF_ALL : FIRST_ZOOM)) return [];
  const bounds = map.getBounds().pad(0.1);
  /** @type {Spot[]} */
  const spots = [];
  for (const { feature, options, at } of listFacilities(map, hasAll)) {
    if (!bounds.contains(at)) continue;
    const isSmall = SMALL_KINDS.includes(feature.properties.kind || "");
    if (isSmall && zoom < FIRST_ZOOM_OF_SMALL) continue;
    const point = map.latLngToContainerPoint(at);
    const stand = findStand(point, drop, boxes, isSmall ? SMALL_REACH : REACH, isSmall);
    if (!stand) continue;
    spots.push({ feature, options, at, isSmall, stands: stand === point ? at : map.containerPointToLatLng(stand) });
  }
  return spots;
}

/**
 * List the facilities that may be shown, those first that one looks for first.
 * @param {L.Map} map
 * @param {boolean} hasAll
 */
function listFacilities(map, hasAll) {
  const all = listLayers(map, "facilities").flatMap(({ byId, options }) =>
    Object.values(byId).flatMap(function ({ feature, at }) {
      const { trail, kind } = feature.properties;
      const isWanted = hasAll || (trail === view.chosen && kind !== "entrance");
      return at && isWanted ? [{ feature, options, at: toLatLng(at) }] : [];
    }),
  );
  /** @param {{ feature: Feature }} entry */
  const order = ({ feature: { properties: { kind = "" } } }) =>
    SMALL_KINDS.includes(kind) ? ORDER.length + 1 : ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length;
  return all.sort((one, other) => order(one) - order(other));
}

/**
 * Find where a picture stands: at its place, or aside of the drop that would hide it.
 * @param {L.Point} point
 * @param {Pin | null} drop
 * @param {Boxes} boxes
 * @param {number} reach
 * @param {boolean} isSmall
 */
function findStand(point, drop, boxes, reach, isSmall) {
  if (boxes.isFree(boxAround(point, reach))) {
    boxes.take(boxAround(point, reach));
    return point;
  }
  if (!drop || isSmall || !isBelowDrop(point, drop.point)) return null;
  const stands = ASIDE.map(([x, y]) => drop.point.add([x, y])).filter((stand) => boxes.isFree(boxAround(stand, reach)));
  stands.sort((one, other) => one.distanceTo(point) - other.distanceTo(point));
  if (stands[0]) boxes.take(boxAround(stands[0], reach));
  return stands[0] || null;
}

/**
 * Check whether the drop hides a place.
 * @param {L.Point} point
 * @param {L.Point} drop
 */
function isBelowDrop(point, drop) {
  return Math.abs(point.x - drop.x) < 42 && point.y > drop.y - 77 && point.y < drop.y + 23;
}
