// The ways to trails: how far, and in words how many minutes on foot. The twin of mapserver/web/pages/near.py.

import { findNearest } from "../geo/nearest.js";
import { fillIn, formatCount } from "../text/numbers.js";
import { texts } from "./context.js";
import { trails } from "./trails.js";

/** @typedef {import("./trails.js").Trail} Trail */
/** @typedef {import("./state.js").Start} Start */
/** @typedef {{ trail: Trail, distance_m: number }} Way distance NaN where the trail is not drawn */

/** So near to a trail one stands on it. */
const BESIDE_M = 8;
/** A position that may be farther off than this is no point: minutes are from and to. */
export const ROUGH_M = 300;
const HOUR_MIN = 60;

/**
 * Measure the ways to all trails, the nearest first; those that are not drawn come last.
 * @param {Start | null} start
 * @returns {Way[]}
 */
export function measureWays(start) {
  const drawn = trails.filter((trail) => trail.geometry);
  const places = drawn.map((trail) => ({ geometry: /** @type {GeoJSON.Geometry} */ (trail.geometry), trail: trail }));
  const nearest = start ? findNearest(start.lon, start.lat, places, places.length) : [];
  const measured = new Set(nearest.map(({ feature }) => feature.trail));
  const others = trails.filter((trail) => !measured.has(trail));
  return [
    ...nearest.map(({ feature, distance_m }) => ({ trail: feature.trail, distance_m: distance_m })),
    ...others.map((trail) => ({ trail: trail, distance_m: NaN })),
  ];
}

/**
 * Write the minutes of a way as people say them; empty where it is not known.
 * @param {number} distance_m
 * @param {number} [accuracy_m] how far off the place may be from which it was measured
 */
export function writeMinutes(distance_m, accuracy_m = 0) {
  if (Number.isNaN(distance_m)) return "";
  if (accuracy_m <= ROUGH_M) return distance_m < BESIDE_M ? texts.here : writeDuration(toMinutes(distance_m));
  // From somewhere in the circle: the shortest and the longest way.
  const most = writeDuration(toMinutes(distance_m + accuracy_m));
  if (distance_m <= accuracy_m) return fillIn(texts.atMost, { to: most });
  return fillIn(texts.between, { from: writeDuration(toMinutes(distance_m - accuracy_m)), to: most });
}

/**
 * Return whole minutes on foot, at least one.
 * @param {number} distance_m
 */
function toMinutes(distance_m) {
  // The walking speed is that of the server (mapserver/geo/geodesy.py).
  return Math.max(1, Math.round(distance_m / Number(texts.walkingMPerMin)));
}

/**
 * Write minutes, from an hour on with hours.
 * @param {number} minutes a whole number
 */
function writeDuration(minutes) {
  const hours = Math.floor(minutes / HOUR_MIN), rest = minutes % HOUR_MIN;
  const words = { hours: formatCount(hours, texts.lang), minutes: formatCount(hours ? rest : minutes, texts.lang) };
  if (!hours) return fillIn(texts.minutes, words);
  return fillIn(rest ? texts.hoursMinutes : texts.hours, words);
}
