// The chips: a form without script; with it, list and map change in the same step.

import { getElement } from "../dom.js";
import { changeState, state } from "./state.js";

function listBoxes() {
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = document.querySelectorAll("#filters input[type=checkbox]");
  return Array.from(boxes);
}

/** Let the chips change what is shown. */
export function offerChips() {
  const form = getElement("filters");
  form.addEventListener("change", () => changeState({ chips: readChips(), chosen: null }));
  form.addEventListener("submit", (event) => event.preventDefault());
  const clear = getElement("none-clear");
  clear.addEventListener("click", function (event) {
    event.preventDefault(); // without a script it is a link
    writeChips(new Set());
    changeState({ chips: new Set(), chosen: null });
    getElement("title").focus({ preventScroll: true }); // the button has gone
  });
}

/** Return the names of the chips that are on. */
export function readChips() {
  return new Set(listBoxes().filter((box) => box.checked).map((box) => box.name));
}

/**
 * Bring the chips to what the state of the page says.
 * @param {Set<string>} chips
 */
export function writeChips(chips) {
  for (const box of listBoxes()) box.checked = chips.has(box.name);
}

/**
 * Return which chips an address turns on.
 * @param {URLSearchParams} query
 */
export function readChipsFrom(query) {
  return new Set(listBoxes().filter((box) => query.get(box.name) === box.value).map((box) => box.name));
}

/**
 * Write the chips into an address.
 * @param {URLSearchParams} query
 */
export function writeChipsInto(query) {
  for (const box of listBoxes()) {
    if (state.chips.has(box.name)) query.set(box.name, box.value);
    else query.delete(box.name);
  }
}

/**
 * Turn a chip on, as a press on it does.
 * @param {string} name
 */
export function turnOn(name) {
  const chips = new Set([...state.chips, name]);
  writeChips(chips);
  changeState({ chips: chips, chosen: null });
}
