// The cards: moved into their order, with rank and minutes. What else they say, the server and the day have written.

import { createElement, getElement } from "../dom.js";
import { texts } from "./context.js";
import { state } from "./state.js";
import { writeMinutes } from "./ways.js";

/** @typedef {import("./listing.js").Row} Row */
/** @typedef {import("./listing.js").Listing} Listing */

/**
 * Bring the cards into their lists and their order.
 * @param {Listing} listing
 */
export function arrangeCards({ top, rest, hidden }) {
  top.forEach((row, i) => writeCard(row, i + 1));
  for (const row of [...rest, ...hidden]) writeCard(row, 0);
  for (const { trail } of hidden) trail.item.hidden = true;
  for (const { trail } of [...top, ...rest]) trail.item.hidden = false;
  placeItems(getElement("nearest"), top);
  placeItems(getElement("others"), [...rest, ...hidden]);
}

/**
 * Place the entries of trails in a list. Those that stand where they belong are not touched, so none loses the focus.
 * @param {HTMLElement} list
 * @param {Row[]} rows
 */
function placeItems(list, rows) {
  const focused = document.activeElement;
  rows.forEach(function ({ trail }, i) {
    if (list.children[i] !== trail.item) list.insertBefore(trail.item, list.children[i] || null);
  });
  // An element that is moved loses the focus to the body.
  if (focused instanceof HTMLElement && focused !== document.activeElement && list.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

/**
 * Write rank and minutes of a trail into its card.
 * @param {Row} row
 * @param {number} rank from 1; 0 for those that are not the answer
 */
function writeCard({ trail, distance_m, isOpen }, rank) {
  const { card } = trail;
  card.querySelector(".rank")?.remove();
  if (rank) {
    const mark = createElement("span", "rank", String(rank));
    mark.setAttribute("aria-hidden", "true");
    card.querySelector(".pic")?.append(mark);
  }
  const minutes = card.querySelector(".min");
  minutes?.replaceChildren(...createMinutes(distance_m));
  card.querySelector(".tile")?.classList.toggle("off", !isOpen);
  if (trail.id === state.chosen) card.setAttribute("aria-current", "true");
  else card.removeAttribute("aria-current");
}

/**
 * Create what a card says of the way: "on foot" is only heard, since the place of the number says it.
 * @param {number} distance_m
 */
function createMinutes(distance_m) {
  const minutes = writeMinutes(distance_m, state.start?.accuracy_m);
  if (!minutes || minutes === texts.here) return [minutes];
  return [createElement("span", "sr", texts.onFoot + " "), minutes];
}
