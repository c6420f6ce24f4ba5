// Where the name of a neighbourhood stands on a map of the whole city: few have room for it, so it may hang over the
// city's border, and never over another neighbourhood.

import { findLineBox, holdsPoint } from "./name_places.js";

/** @typedef {import("./boxes.js").Box} Box */

/** Below this zoom names leave their neighbourhoods, and at any zoom that of which a page is about. */
export const RIMS_BELOW = 13;
const NEAR = 8; // pixels between a name outside and its neighbourhood
/** From well within to all outside: no neighbourhood is a box, and its name may lie on its own ground in part. */
const STEPS = [0.2, 0.4, 0.6, 0.8, 1, 1.2];
/** As parts of half the width and half the height of shape and name together. */
const DIRECTIONS = [[0, -1], [0, 1], [-1, 0], [1, 0], [-1, -1], [1, -1], [-1, 1], [1, 1],
  [-0.5, -1], [0.5, -1], [-0.5, 1], [0.5, 1], [-1, -0.5], [1, -0.5], [-1, 0.5], [1, 0.5]];

/**
 * Find the box around an area in which its name hangs over no other, the nearest to its middle.
 * @param {L.Map} map
 * @param {DrawnFeature} area
 * @param {DrawnFeature[]} others
 * @param {number} width pixels
 * @param {number} height pixels
 * @param {(box: Box) => boolean} isFree
 * @returns {Box | undefined}
 */
export function findRimPlace(map, { drawn }, others, width, height, isFree) {
  const shape = findLineBox(map, drawn);
  if (!shape) return undefined;
  const [left, top, right, bottom] = shape;
  const halfWidth = width / 2 + 3, halfHeight = height / 2 + 1;
  const across = (right - left) / 2 + halfWidth, along = (bottom - top) / 2 + halfHeight;
  const near = others.flatMap(({ drawn: path }) => (path && path !== drawn ? [{ path, box: findLineBox(map, path) }] : []));
  for (const step of STEPS) {
    for (const [dx, dy] of DIRECTIONS) {
      const x = (left + right) / 2 + dx * step * across, y = (top + bottom) / 2 + dy * step * along;
      /** @type {Box} */
      const box = [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
      if (!isFree(box) || !touches(map, drawn, [box[0] - NEAR, box[1] - NEAR, box[2] + NEAR, box[3] + NEAR])) continue;
      if (!near.some(({ path, box: around }) => around && meet(around, box) && touches(map, path, box))) return box;
    }
  }
  return undefined;
}

/**
 * Check whether an area holds one of fifteen points of a box, from corner to corner.
 * @param {L.Map} map
 * @param {L.Path | undefined} drawn
 * @param {Box} box
 */
function touches(map, drawn, [left, top, right, bottom]) {
  const rows = [top, (top + bottom) / 2, bottom];
  return [0, 0.25, 0.5, 0.75, 1].map((part) => left + part * (right - left)).some((x) => rows.some((y) => holdsPoint(map, drawn, x, y)));
}

/**
 * Check whether two boxes meet.
 * @param {Box} one
 * @param {Box} other
 */
function meet(one, other) {
  return one[0] <= other[2] && one[2] >= other[0] && one[1] <= other[3] && one[3] >= other[1];
}
