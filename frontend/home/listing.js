// Which trails are shown, in which order: from a place, on a day, with what is wished.

import { state } from "./state.js";
import { findDayState } from "./today.js";
import { measureWays, ROUGH_M } from "./ways.js";

/** @typedef {import("./ways.js").Way} Way */
/** @typedef {Way & { day: import("./today.js").StateOfDay, isOpen: boolean }} Row */
/**
 * @typedef {object} Listing
 * @property {Row[]} top the answer: open, and nearest
 * @property {Row[]} rest open ones first
 * @property {Row[]} hidden those that a chip leaves out
 * @property {number} openCount
 */

/** So many trails are the answer. */
const MOST_RANKED = 3;
/** From a place that is far off more trails may be the nearest one, and so many are shown at most. */
const MOST_CANDIDATES = 8;

/** The ways from the place that was measured last: a chip or a day does not change them. */
/** @type {{ start: unknown, ways: Way[] }} */
let measured = { start: undefined, ways: [] };

/**
 * List the trails as the state of the page has them.
 * @returns {Listing}
 */
export function listTrails() {
  if (measured.start !== state.start) measured = { start: state.start, ways: measureWays(state.start) };
  const rows = measured.ways.map(function (way) {
    const day = findDayState(way.trail.id);
    return { ...way, day: day, isOpen: day.state === "open" };
  });
  const shown = rows.filter(fitsWishes);
  const open = shown.filter(({ isOpen }) => isOpen);
  const count = countCandidates(open);
  return {
    top: open.slice(0, count),
    rest: [...open.slice(count), ...shown.filter(({ isOpen }) => !isOpen)],
    hidden: rows.filter((row) => !fitsWishes(row)),
    openCount: open.length,
  };
}

/**
 * Check whether a trail fulfils all that is wished; what is not known does not.
 * @param {Row} row
 */
function fitsWishes({ trail, isOpen }) {
  return Array.from(state.chips).every((chip) => (chip === "open" ? isOpen : trail.wishes.has(chip)));
}

/**
 * Count the trails that may be the nearest: three, and more where the place is far off.
 * @param {Row[]} open the nearest first
 */
function countCandidates(open) {
  const accuracy_m = state.start ? state.start.accuracy_m : 0;
  if (accuracy_m <= ROUGH_M || !open.length) return MOST_RANKED;
  // Somewhere in the circle one trail is nearer than another if their distances differ by less than its width.
  const candidates = open.filter(({ distance_m }) => distance_m - open[0].distance_m <= 2 * accuracy_m);
  return Math.min(MOST_CANDIDATES, Math.max(MOST_RANKED, candidates.length));
}
