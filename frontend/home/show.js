// One pass from the state of the page to all that shows it: cards, headings, map, sheet.

import { arrangeCards } from "./cards.js";
import { writeChosen } from "./chosen.js";
import { wide } from "./context.js";
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
export function showState({ moves = true }) {
  listing = listTrails();
  arrangeCards(listing);
  writeHeadings(listing);
  const row = [...listing.top, ...listing.rest].find(({ trail }) => trail.id === state.chosen) || null;
  writeChosen(row);
  moveSheet(!state.chosen && getStep() === "full" ? "full" : "half");
  drawMap();
  if (moves) moveMap();
}

/** Draw on the map what the lists show. */
function drawMap() {
  const start = state.start;
  const accuracy_m = start ? start.accuracy_m : 0;
  const kinds = new Map([...listing.top, ...listing.rest].map(({ trail, day }) => [trail.id, day.kind]));
  setCover();
  map?.setView?.({
    shown: new Set(kinds.keys()),
    ranks: listing.top.map(function ({ trail, distance_m, day }, i) {
      const minutes = writeMinutes(distance_m, accuracy_m);
      return { id: trail.id, text: minutes, label: [i + 1, minutes, trail.name, day.short].filter(Boolean).join(", ") };
    }),
    chosen: state.chosen,
    from: start && { lat: start.lat, lon: start.lon, isOwn: start.isOwn, accuracy_m: accuracy_m },
    kindOf: (id) => kinds.get(id) || "unknown",
  });
}

/** Tell the map what covers it. */
export function setCover() {
  const filters = document.querySelector(".filters");
  const top = wide.matches || !filters ? 0 : filters.getBoundingClientRect().bottom + 4;
  map?.setInsets?.({ top: top, right: 0, bottom: getCover(), left: 0 }, []);
}

/** Move the map to what was chosen, or to the place and the nearest trails. */
export function moveMap() {
  const start = state.start;
  const from = start && { lat: start.lat, lon: start.lon, isOwn: start.isOwn, accuracy_m: start.accuracy_m };
  if (state.chosen) map?.fitTrails?.([state.chosen], null);
  else if (listing.top.length) map?.fitTrails?.(listing.top.map(({ trail }) => trail.id), from);
  else map?.showAll?.();
}
