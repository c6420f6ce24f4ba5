// Choosing a trail: by its card, by its pin, and leaving it again, with the focus where people look.

import { getElement } from "../dom.js";
import { leaveChosen } from "./address.js";
import { moveFocus, texts } from "./context.js";
import { changeState, state } from "./state.js";
import { findTrail } from "./trails.js";

/** Let people choose a trail on the list and on the map. */
export function offerChoosing() {
  getElement("sheet").addEventListener("click", function (event) {
    const card = /** @type {Element} */ (event.target).closest("a.card");
    const item = /** @type {HTMLElement | null} */ (card && card.closest("li[data-id]"));
    // With a key held down, a link opens elsewhere; a second press goes to the page of the trail.
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!item || !isPlain || item.dataset.id === state.chosen) return;
    event.preventDefault();
    chooseTrail(item.dataset.id || "");
  });
  getElement("pick-close").addEventListener("click", leaveTrail);
  document.addEventListener("keydown", function (event) {
    const isFree = !document.querySelector("dialog[open], details.menu[open]");
    if (event.key === "Escape" && state.chosen !== null && isFree && !event.defaultPrevented) leaveTrail();
  });
  document.addEventListener("maenballo:pick", function (event) {
    const { layer, id } = /** @type {CustomEvent<PickedFeature>} */ (event).detail;
    if (layer !== texts.trails || !findTrail(id)) return; // the map opens the page of anything else
    event.preventDefault();
    chooseTrail(id);
  });
  document.addEventListener("maenballo:ground", () => state.chosen !== null && leaveTrail());
}

/**
 * Choose a trail: it goes into the sheet, and the map moves to it.
 * @param {string} id
 */
export function chooseTrail(id) {
  if (!findTrail(id)) return;
  changeState({ chosen: id });
  moveFocus(getElement("pick-name"));
}

/** Leave the chosen trail, as Back does; the focus goes to its card. */
function leaveTrail() {
  if (!leaveChosen()) changeState({ chosen: null });
}

/** The trail that was chosen before the change. @type {string | null} */
let before = null;

/** Bring the focus to the card of a trail that was left, if it was in the box that has gone. */
export function returnFocus() {
  const left = before;
  before = state.chosen;
  if (left === null || state.chosen !== null) return;
  const focused = document.activeElement;
  if (!focused || focused === document.body || getElement("pick").contains(focused)) moveFocus(findCard(left) || getElement("title"));
}

/**
 * Find the card of a trail in the lists; nothing where a chip leaves it out.
 * @param {string} id
 */
function findCard(id) {
  const trail = findTrail(id);
  return trail && !trail.item.hidden ? trail.card : null;
}
