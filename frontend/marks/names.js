// Names: each tries some places, keeps off lines where it can, then goes without.

import { layers, toLatLng } from "../map/state.js";
import { isDark } from "../map/styles.js";
import { surroundings, view } from "../map/view.js";
import { isForeign } from "../text/scripts.js";
import { findLineBox, holdsPoint, listLinePlaces, listNamePlaces, measureAway, shrinkToLetters, touchesShape } from "./name_places.js";
import { findRimPlace, RIMS_BELOW } from "./rims.js";
import { getNameLetters, getTextSizes } from "./texts.js";

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
 * @property {boolean} [isNeeded] so that it rather lies on a line, or leaves its area, than go without
 * @property {() => Box | null} [findLine] returns the box around the line that it names
 * @property {(box: Box) => boolean} [holds] checks whether a box lies within the area that it names, by a district, or by its own pin
 * @property {(width: number, height: number, isFree: (box: Box) => boolean) => Box | undefined} [findRim] finds a box outside of
 * the city, on a map of all of it
 * @property {boolean} [isFirst] of all names: the area that was chosen, or from which one asks
 */
/** @typedef {Name & { middle: L.Point }} PlacedName */

/** From this zoom on names stand in letters that readers of the page cannot read, as on the signs before them. */
const FOREIGN_NAMES_FROM = 16.5;
const APART = 8; // pixels by which a name is nearer to its own pin than to any other
/** Pixels from the middle of each look: a name that touches a pin has no room. */
const BESIDE = { drop: 28, pill: 14, pin: 22, group: 22, dot: 12 };
/**
 * List the names of trails, the chosen one first.
 * @param {L.Map} map
 * @param {Pin[]} pins
 * @returns {Name[]}
 */
export function listTrailNames(map, pins) {
  const named = pins.filter(({ look, options }) => look === "drop" || isNamed(options, map.getZoom()));
  return named.map(({ drawn, feature, kind, look, options, point }) => ({
    key: `name ${options.id} ${feature.id}`,
    text: feature.properties.name,
    role: "trails",
    className: "name-trails kind-" + kind,
    point: point,
    beside: BESIDE[look],
    findLine: () => findLineBox(map, drawn),
    // As near to another pin it could be read as that one's. The chosen trail is told by its colour.
    holds: (box) => look === "drop" || pins.every((pin) => pin.point === point || measureAway(box, point) + APART < measureAway(box, pin.point)),
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
  const origin = view.from && map.latLngToContainerPoint(toLatLng([view.from.lon, view.from.lat]));
  const shownLayers = Object.values(layers).filter(({ group, options }) => isWanted(options) && map.hasLayer(group) && isNamed(options, zoom));
  return shownLayers.reverse().flatMap(({ byId, options: { id: layer, role } }) =>
    Object.values(byId).flatMap(function ({ feature, at, drawn }) {
      const { fill, name } = feature.properties;
      // A district without a name in the reader's language keeps its own, and says it only to who is near.
      if (role === "districts" && zoom < FOREIGN_NAMES_FROM && isForeign(name || "")) return [];
      const isArea = role === "neighborhoods", isChosen = Boolean(focus) && focus?.layer === layer && focus.id === feature.id;
      if (!at || !name || (isChosen && !isArea)) return [];
      const ground = fill ? (isDark(fill) ? " on-dark" : " on-light") : "";
      const point = map.latLngToContainerPoint(toLatLng(at));
      const named = { key: `name ${layer} ${feature.id}`, text: name, role, className: "name-" + role + ground, point, beside: 0 };
      // A district is smaller than its name, which then stands on it or touches it.
      if (!isArea) return [{ ...named, holds: role === "districts" ? (box) => touchesShape(map, drawn, box) : undefined }];
      const isFirst = isChosen || (origin !== null && holdsPoint(map, drawn, origin.x, origin.y));
      /** @param {Box} box */
      const holds = function (box) {
        const [left, top, right, bottom] = shrinkToLetters(box);
        return [left, (left + right) / 2, right].every((x) => holdsPoint(map, drawn, x, top) && holdsPoint(map, drawn, x, bottom));
      };
      /** @type {Name["findRim"]} */
      const findRim = (width, height, isFree) => findRimPlace(map, byId[feature.id], Object.values(byId), width, height, isFree);
      return [{ ...named, isFirst, isNeeded: isChosen, holds, findRim: isChosen || zoom < RIMS_BELOW ? findRim : undefined }];
    }),
  );
}

/**
 * Measure the names that a map has at its zoom, ahead of the pass that places them: both together keep a finger waiting.
 * @param {L.Map} map
 */
export function measureNames(map) {
  const { measure } = getTextSizes(map);
  for (const { byId, options } of Object.values(layers)) {
    if (!isNamed(options, map.getZoom())) continue;
    for (const { feature } of Object.values(byId)) measure(feature.properties.name || "", getNameLetters(options.role));
  }
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
 * @param {{ areNeeded?: boolean, borders?: Boxes }} [options] whether they rather lie on a line than go without; what
 * they cross only where there is no other place
 * @returns {PlacedName[]}
 */
export function placeNames(names, boxes, lines, sizes, isInside, { areNeeded = false, borders } = {}) {
  return names.flatMap(function (name) {
    const width = sizes.measure(name.text, getNameLetters(areNeeded ? "areas" : name.role));
    /** @param {Box} box */
    const hasRoom = (box) => isInside(box) && boxes.isFree(box);
    /** @param {Box} box */
    const isFree = (box) => hasRoom(box) && (areNeeded || !name.holds || name.holds(box));
    const places = listNamePlaces(name, width, sizes.nameHeight, areNeeded);
    const free = places.filter(isFree);
    // A long line runs all around its pin: then its name stands beside all of the line.
    const clear = free.filter((each) => lines.isFree(each));
    const besideLine = listLinePlaces(name, width, sizes.nameHeight).filter((each) => isFree(each) && lines.isFree(each));
    // A district's name stands on its own outline.
    const isOffBorders = name.role === "districts" || !borders ? () => true : /** @param {Box} each */ (each) => borders.isFree(each);
    const box = clear.find(isOffBorders) || besideLine.find(isOffBorders) || clear[0] || besideLine[0]
      || name.findRim?.(width, sizes.nameHeight, hasRoom) || (areNeeded ? free[0] : name.isNeeded ? places.find(hasRoom) : undefined);
    if (!box) return [];
    boxes.take(box);
    return [{ ...name, middle: L.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) }];
  });
}
