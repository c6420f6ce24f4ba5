// From afar trails that are not open share a mark with their number: so many of them would each say the same.

import { isOpenKind, view } from "../map/view.js";
import { getPillLetters } from "./texts.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./boxes.js").Boxes} Boxes */
/** @typedef {import("./pins.js").Pin} Pin */
/** @typedef {import("./scene.js").TrailOnScreen} TrailOnScreen */
/** @typedef {import("./texts.js").TextSizes} TextSizes */

/** From this zoom on each trail has a mark of its own, and a name (mapserver/model/roles.py). */
const OWN_MARKS_FROM = 13.25;
/** Pixels from the first of a group: the others would hardly have room for pins (36 pixels) beside it. */
const REACH = 52;
const HEIGHT = 36, EDGE = 44; // pixels; beside the number: picture, gap, padding and border
/** Where the mark of a group tries to stand, in pixels from the middle of its trails: it says where they are, roughly. */
const SHIFTS = [[0, 0], [0, -16], [0, 16], [-20, 0], [20, 0], [-20, -16], [20, -16], [-20, 16], [20, 16], [0, -30], [0, 30], [-36, 0], [36, 0],
  [-36, -30], [36, -30], [-36, 30], [36, 30], [0, -46], [0, 46], [-56, 0], [56, 0]];

/**
 * Gather trails that are not open and lie together on the screen, each kind for itself.
 * @param {TrailOnScreen[]} trails in order of rank
 * @param {number} zoom
 * @returns {{ groups: TrailOnScreen[][], single: TrailOnScreen[] }} groups of two and more; all others
 */
export function gatherTrails(trails, zoom) {
  /** @type {TrailOnScreen[][]} */
  const groups = [];
  const isGathered = (/** @type {TrailOnScreen} */ { feature, kind }) => !isOpenKind(kind) && feature.id !== view.chosen;
  for (const trail of zoom < OWN_MARKS_FROM ? trails.filter(isGathered) : []) {
    const group = groups.find(([first]) => first.kind === trail.kind && first.point.distanceTo(trail.point) < REACH);
    if (group) group.push(trail);
    else groups.push([trail]);
  }
  const shared = groups.filter(({ length }) => length > 1);
  return { groups: shared, single: trails.filter((trail) => !shared.some((group) => group.includes(trail))) };
}

/**
 * Place the marks of groups, each at the middle of its trails or beside it; where there is no room, they are dots.
 * @param {TrailOnScreen[][]} groups
 * @param {Boxes} boxes
 * @param {TextSizes} sizes
 * @param {(box: Box) => boolean} isReachable
 * @param {(point: L.Point) => L.LatLng} toPlace
 * @returns {Pin[]}
 */
export function placeGroups(groups, boxes, sizes, isReachable, toPlace) {
  return groups.flatMap(/** @returns {Pin[]} */ function (members) {
    const x = average(members.map(({ point }) => point.x)), y = average(members.map(({ point }) => point.y));
    const half = (sizes.measure(String(members.length), getPillLetters()) + EDGE * sizes.scale) / 2;
    const along = (HEIGHT * sizes.scale) / 2;
    const boxesAround = SHIFTS.map(function ([dx, dy]) {
      const at = x + dx * sizes.scale, down = y + dy * sizes.scale;
      return /** @type {Box} */ ([at - half, down - along, at + half, down + along]);
    });
    const box = boxesAround.find((each) => isReachable(each) && boxes.isFree(each));
    if (!box) return members.map((trail) => ({ ...trail, look: "dot", side: "" }));
    boxes.take(box);
    const point = L.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
    return [{ ...members[0], at: toPlace(point), point: point, look: "group", side: "", members }];
  });
}

/** @param {number[]} values */
const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
