// Names: each tries some places, keeps off lines where it can, then goes without.

import { layers, toLatLng } from "../map/state.js";
import { surroundings } from "../map/view.js";
import { getNameLetters } from "./texts.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./boxes.js").Boxes} Boxes */
/** @typedef {import("./pins.js").Pin} Pin */
/** @typedef {import("./texts.js").TextSizes} TextSizes */
/**
 * @typedef {object} Name
 * @property {string} key
 * @property {string} text
 * @property {string} role
 * @property {string} className
 * @property {L.Point} point what it names
 * @property {number} beside pixels from the middle of what it stands beside; 0 for what it stands on
 */
/** @typedef {Name & { middle: L.Point }} PlacedName */

const BESIDE = { drop: 28, pill: 14, pin: 21, dot: 12 }; // pixels from the middle of each look
/** Where the name of an area tries to stand, in pixels from its middle; nearer, where the map is about its areas. */
const NEAR_SHIFTS = [[0, 0], [0, -10], [0, 10], [-14, 0], [14, 0], [-14, -10], [14, -10], [-14, 10], [14, 10], [0, 20], [0, -20]];
const SHIFTS = [[0, 0], [0, 22], [0, -22], [26, 0], [-26, 0], [0, 44], [0, -44], [40, 22], [-40, 22], [40, -22], [-40, -22]];

/**
 * List the names of trails, the chosen one first.
 * @param {Pin[]} pins
 * @param {number} zoom
 * @returns {Name[]}
 */
export function listTrailNames(pins, zoom) {
  const named = pins.filter(({ look, options }) => look === "drop" || isNamed(options, zoom));
  return named.map(({ feature, kind, look, options, point }) => ({
    key: `name ${options.id} ${feature.id}`,
    text: feature.properties.name,
    role: "trails",
    className: "name-trails kind-" + kind,
    point: point,
    beside: BESIDE[look],
  }));
}

/**
 * List the names of features that are no trails, those of the upper layers first.
 * @param {L.Map} map
 * @param {(options: Drawing) => boolean} isWanted
 * @returns {Name[]}
 */
export function listOtherNames(map, isWanted) {
  const { focus } = surroundings;
  const zoom = map.getZoom();
  const shownLayers = Object.values(layers).filter(({ group, options }) => isWanted(options) && map.hasLayer(group) && isNamed(options, zoom));
  return shownLayers.reverse().flatMap(({ byId, options: { id: layer, role } }) =>
    Object.values(byId).flatMap(function ({ feature, at }) {
      const { fill, name } = feature.properties;
      if (!at || !name || (focus && focus.layer === layer && focus.id === feature.id)) return [];
      const ground = fill ? (isDark(fill) ? " on-dark" : " on-light") : "";
      const point = map.latLngToContainerPoint(toLatLng(at));
      return [{ key: `name ${layer} ${feature.id}`, text: name, role, className: "name-" + role + ground, point, beside: 0 }];
    }),
  );
}

/**
 * Check whether the features of a layer have names at a zoom.
 * @param {Drawing} options
 * @param {number} zoom
 */
function isNamed({ namesFrom }, zoom) {
  return namesFrom !== null && zoom >= namesFrom;
}

/**
 * Place names in their order, and take their boxes.
 * @param {Name[]} names
 * @param {Boxes} boxes
 * @param {Boxes} lines
 * @param {TextSizes} sizes
 * @param {(box: Box) => boolean} isInside
 * @param {boolean} [areNeeded] so that they rather lie on a line than go without
 * @returns {PlacedName[]}
 */
export function placeNames(names, boxes, lines, sizes, isInside, areNeeded = false) {
  return names.flatMap(function (name) {
    const width = sizes.measure(name.text, getNameLetters(areNeeded ? "areas" : name.role));
    const places = listNamePlaces(name, width, sizes.nameHeight, areNeeded ? NEAR_SHIFTS : SHIFTS);
    const free = places.filter((box) => isInside(box) && boxes.isFree(box));
    // A trail's own line runs beside its pin, and its name is worth more than the line below it.
    const box = free.find((each) => lines.isFree(each)) || (name.beside || areNeeded ? free[0] : undefined);
    if (!box) return [];
    boxes.take(box);
    return [{ ...name, middle: L.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) }];
  });
}

/**
 * List the boxes in which a name may stand, the best first.
 * @param {Name} name
 * @param {number} width pixels
 * @param {number} height pixels
 * @param {number[][]} aroundAreas
 * @returns {Box[]}
 */
function listNamePlaces({ point: { x, y }, beside }, width, height, aroundAreas) {
  const across = beside + width / 2, along = beside - 2 + height / 2;
  const shifts = beside ? [[across, 0], [-across, 0], [0, along], [0, -along]] : aroundAreas;
  const halfWidth = width / 2 + 3, halfHeight = height / 2 + 1;
  return shifts.map(([dx, dy]) => [x + dx - halfWidth, y + dy - halfHeight, x + dx + halfWidth, y + dy + halfHeight]);
}

/**
 * Check whether white reads better than ink on a colour.
 * @param {string} color as #rrggbb; any other counts as light
 */
function isDark(color) {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return false;
  const [red, green, blue] = match.slice(1).map((part) => parseInt(part, 16));
  // Luma, as ITU-R BT.601 weighs the colours, against half of white.
  return 0.299 * red + 0.587 * green + 0.114 * blue < 127.5;
}
