// Pins: who finds no room steps down, from a pill with minutes to a pin, and to a dot.

import { view } from "../map/view.js";
import { boxAround } from "./boxes.js";
import { getPillLetters } from "./texts.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./boxes.js").Boxes} Boxes */
/** @typedef {import("./scene.js").TrailOnScreen} TrailOnScreen */
/** @typedef {import("./texts.js").TextSizes} TextSizes */
/** A trail in the look for which there was room; a group stands for its members. */
/** @typedef {TrailOnScreen & { look: "drop" | "pill" | "pin" | "group" | "dot", side: string, members?: TrailOnScreen[] }} Pin */

const PIN_REACH = 18, DOT_REACH = 6, PILL_DOT_REACH = 7; // pixels
const TARGET_REACH = 22; // pixels: what a finger presses of a pin, which is more than what is drawn
const GAP = 8; // pixels between a point and its pill
const TIP = 18; // pixels from the corner of a pill to its tip, where it stands aside

/**
 * Place the pins of trails in order of rank, and take their boxes.
 * @param {TrailOnScreen[]} trails in order of rank
 * @param {Boxes} boxes
 * @param {TextSizes} sizes
 * @param {(box: Box) => boolean} isReachable whether all of a box lies on the map, below no tool and no sheet
 * @param {boolean} areDots all of them, where the map is about something else
 * @param {(box: Box) => boolean} [isClear] whether a pill has room there, which keeps its distance from the tools
 * @param {(box: Box) => boolean} [isOffLines] whether no trail runs below a pill, which is better
 * @returns {Pin[]}
 */
export function placePins(trails, boxes, sizes, isReachable, areDots, isClear = isReachable, isOffLines = () => true) {
  /** @type {Pin[]} */
  const pins = [];
  const others = trails.filter(({ feature }) => feature.id !== view.chosen);
  // With a trail chosen the others step back, so the nearest have no pills.
  const ranked = others.filter(({ rank }) => rank && view.chosen === null);
  // No pill lies on the point of another.
  for (const { point } of ranked) boxes.take(boxAround(point, PILL_DOT_REACH));
  const rest = others.filter((trail) => !ranked.includes(trail));
  const waiting = [];
  for (const trail of ranked) {
    const width = sizes.measure(trail.ranked ? trail.ranked.text : "", getPillLetters()) + sizes.pillEdge;
    const places = listPillPlaces(trail.point, width, sizes.pillHeight + 4);
    const free = places.filter(([, box]) => isClear(box) && boxes.isFree(box));
    const place = free.find(([, box]) => isOffLines(box)) || free[0];
    if (!place) {
      waiting.push(trail);
      continue;
    }
    boxes.take(place[1]);
    pins.push({ ...trail, look: "pill", side: place[0] });
  }
  const dots = [];
  // Who has no pill is a pin like all others, and its own point is not in its way.
  for (const { point } of waiting) boxes.release(boxAround(point, PILL_DOT_REACH));
  for (const trail of [...waiting, ...rest]) {
    const box = boxAround(trail.point, PIN_REACH);
    if (areDots || !isReachable(boxAround(trail.point, TARGET_REACH)) || !boxes.isFree(box)) {
      dots.push(trail);
      continue;
    }
    boxes.take(box);
    pins.push({ ...trail, look: "pin", side: "" });
  }
  for (const trail of dots) {
    boxes.take(boxAround(trail.point, DOT_REACH)); // from names; dots may touch each other
    pins.push({ ...trail, look: "dot", side: "" });
  }
  return pins;
}

/**
 * Return the pin of the chosen trail, and take its box.
 * @param {TrailOnScreen} trail
 * @param {Boxes} boxes
 * @returns {Pin}
 */
export function placeDrop(trail, boxes) {
  const { x, y } = trail.point;
  boxes.take([x - 25, y - 60, x + 25, y + 6]);
  return { ...trail, look: "drop", side: "" };
}

/**
 * List the places of a pill around its point, the best first.
 * @param {L.Point} point
 * @param {number} width pixels
 * @param {number} height pixels
 * @returns {[side: string, box: Box][]}
 */
function listPillPlaces({ x, y }, width, height) {
  const half = width / 2, middle = height / 2;
  const far = GAP + height;
  return [
    ["above", [x - half, y - far, x + half, y - GAP]],
    ["below", [x - half, y + GAP, x + half, y + far]],
    ["right", [x + GAP + 1, y - middle, x + GAP + 4 + width, y + middle]],
    ["left", [x - GAP - 4 - width, y - middle, x - GAP - 1, y + middle]],
    ["ne", [x - TIP, y - far, x - TIP + width, y - GAP]],
    ["nw", [x + TIP - width, y - far, x + TIP, y - GAP]],
    ["se", [x - TIP, y + GAP, x - TIP + width, y + far]],
    ["sw", [x + TIP - width, y + GAP, x + TIP, y + far]],
  ];
}
