// The state of the page in its address and in the history: it can be sent, survives the language, and Back goes one
// step back on the page. One's own position never stands in it.

import { afterPicture } from "../dom.js";
import { changeState, onChange, state } from "./state.js";
import { readChipsFrom, writeChips, writeChipsInto } from "./chips.js";
import { useArea, usePoint } from "./place.js";
import { findTrail } from "./trails.js";
import { texts } from "./context.js";

/** What an entry of the history was made for. @typedef {"chosen" | "search" | "spare"} Step */

/** @returns {Step | undefined} */
const getStep = () => history.state?.maenballo;
/** Whether a change comes from the address, and need not be written into it. */
let isReading = false;

/** Follow the address of the page, and write into it what changes. The map is seen first, then what the address says. */
export function keepAddress() {
  onChange(writeAddress);
  addEventListener("popstate", () => readAddress());
  afterPicture(() => readAddress({ inTurn: true }));
}

/** Write the state into the address; a trail that is chosen is a step of its own, to which Back is the way out. */
function writeAddress() {
  if (isReading) return;
  const url = new URL(location.href);
  writeChipsInto(url.searchParams);
  if (state.start?.area) url.searchParams.set("from", state.start.area);
  else url.searchParams.delete("from");
  url.hash = state.chosen === null ? "" : `trails/${encodeURIComponent(state.chosen)}`;
  // A trail with which the page was opened is no step: Back leaves the page, and closing it stays.
  const isStep = state.chosen !== null && getStep() === undefined && url.hash !== location.hash;
  const isStepOfPage = isStep || getStep() !== undefined;
  const step = isStepOfPage ? (state.chosen === null ? "spare" : "chosen") : undefined;
  if (isStep) history.pushState({ maenballo: "chosen" }, "", url);
  else history.replaceState(step ? { maenballo: step } : null, "", url);
}

/**
 * Bring the page to what its address says. What makes no sense there is as if it were not there.
 * @param {import("./state.js").Change} [change]
 */
export function readAddress(change) {
  isReading = true;
  const query = new URLSearchParams(location.search);
  state.chips = readChipsFrom(query);
  writeChips(state.chips);
  const place = readPlace();
  const area = query.get("from") || "";
  if (place) usePoint(...place);
  else if (!state.start?.isOwn && area !== (state.start?.area || "")) useArea(area, { moves: false });
  const [layerId, id = null] = readHash();
  // Links name the layer as the catalogue does, and the history as pages are named.
  const trail = layerId === "trails" || layerId === texts.trails ? findTrail(id) : undefined;
  changeState({ chosen: trail ? trail.id : null }, change);
  isReading = false;
  followOldLink();
}

/** Read the parts of the address behind "#"; none where it was cut off in the middle of a letter. */
function readHash() {
  try {
    return decodeURIComponent(location.hash.slice(1)).split("/");
  } catch {
    return [];
  }
}

/**
 * Read a place that somebody has shared: #at=126.85000,35.14000.
 * @returns {[lon: number, lat: number] | null}
 */
function readPlace() {
  const match = (readHash()[0] || "").match(/^at=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/);
  const [lon, lat] = match ? [Number(match[1]), Number(match[2])] : [NaN, NaN];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

/** Lead an older link to a feature that has a page of its own, such as #districts/001, to that page. */
function followOldLink() {
  const [layerId, featureId] = readHash();
  const layers = window.maenballo?.layers || {};
  if (layerId === texts.trails || featureId === undefined || !Object.hasOwn(layers, layerId)) return;
  const { options, byId } = layers[layerId];
  if (options.hasPages && Object.hasOwn(byId, featureId)) {
    location.replace(window.maenballo.addressOf(options.role, featureId));
  }
}

/** Go back from a trail that was chosen on this page; false where the page was opened with it. */
export function leaveChosen() {
  if (getStep() !== "chosen") return false;
  history.back();
  return true;
}

/** Make the search a step of the history. */
export function enterSearch() {
  if (getStep() === "search") return;
  if (getStep() === "spare") history.replaceState({ maenballo: "search" }, "");
  else history.pushState({ maenballo: "search" }, "");
}

/**
 * Leave the step of the search.
 * @param {boolean} isLeft whether something else follows at once, such as a link: then the step is left for later
 */
export function leaveSearch(isLeft) {
  if (getStep() !== "search") return;
  if (isLeft) history.replaceState({ maenballo: "spare" }, "");
  else history.back();
}
