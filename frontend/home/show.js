// One pass from the state of the page to all that shows it: cards, headings, map, sheet.

import { arrangeCards } from "./cards.js";
import { writeChosen } from "./chosen.js";
import { sheet, wide } from "./context.js";
import { writeHeadings } from "./headings.js";
import { listTrails } from "./listing.js";
import { getCover, getStep, moveSheet } from "./sheet.js";
import { state } from "./state.js";
import { writeMinutes } from "./ways.js";

/** @typedef {import("./listing.js").Listing} Listing */
/** What draws the map; the lists are read without it, where its script could not be fetched. */
const map = window.maenballo;
/** @type {Listing} */
let listing = { top: [], rest: [], hidden: [], openCount: 0 };

/**
 * Show the state of the page.
 * @param {import("./state.js").Change} change
 */
export function showState({ moves = true, inTurn = false }) {
  const steps = [findTrails, () => arrangeCards(listing), () => writeHeadings(listing), showSheet];
  steps.push(moves ? drawMovedMap : drawMap);
  if (inTurn) takeSteps([...steps, () => (sheet.dataset.shown = "")]);
  else for (const step of steps) step();
}

/**
 * Take steps, each in a task of its own.
 * @param {(() => void)[]} steps
 */
function takeSteps([step, ...others]) {
  step();
  if (others.length) setTimeout(() => takeSteps(others));
}

/** Find the trails that are shown. */
function findTrails() {
  listing = listTrails();
}

/** Show the sheet, with the chosen trail where there is one. */
function showSheet() {
  writeChosen(listRows().find(({ trail }) => trail.id === state.chosen) || null);
  moveSheet(!state.chosen && getStep() === "full" ? "full" : "half");
}

/** List the trails of the lists, and the chosen one also where a chip leaves it out: an address or the search named it. */
function listRows() {
  const { top, rest, hidden } = listing;
  return [...top, ...rest, ...hidden.filter(({ trail }) => trail.id === state.chosen)];
}

/** Draw on the map what the lists show, and move it there, together, so that pins and names are placed once. */
function drawMovedMap() {
  drawMap();
  moveMap();
}

/** Draw on the map what the lists show. */
function drawMap() {
  const { start, chosen } = state;
  const rows = new Map(listRows().map((row) => [row.trail.id, row]));
  setCover();
  map?.setView?.({
    shown: new Set(rows.keys()),
    ranks: listing.top.map((row, i) => ({ id: row.trail.id, text: writeWayOf(row), label: `${i + 1}, ${labelTrail(row)}` })),
    chosen: chosen,
    from: start,
    kindOf: (id) => /** @type {TrailKind} */ (rows.get(id)?.day.kind || "unknown"),
    labelOf: (id) => labelTrail(rows.get(id)),
  });
}

/** @param {import("./listing.js").Row} row */
function writeWayOf({ distance_m }) {
  return writeMinutes(distance_m, state.start?.accuracy_m);
}

/**
 * Write what is heard of a trail's pin; nothing of one that is not shown.
 * @param {import("./listing.js").Row | undefined} row
 */
function labelTrail(row) {
  return row ? [row.trail.name, row.day.short, writeWayOf(row)].filter(Boolean).join(", ") : "";
}

/** Tell the map what covers it. */
export function setCover() {
  const filters = document.querySelector(".filters");
  const top = wide.matches || !filters ? 0 : filters.getBoundingClientRect().bottom + 4;
  map?.setInsets?.({ top: top, right: 0, bottom: getCover(), left: 0 }, []);
}

/** Move the map to what was chosen, or to the place and the nearest trails. */
export function moveMap() {
  if (state.chosen) map?.fitTrails?.([state.chosen], null);
  else if (listing.top.length) map?.fitTrails?.(listing.top.map(({ trail }) => trail.id), state.start);
  else map?.showAll?.();
}
