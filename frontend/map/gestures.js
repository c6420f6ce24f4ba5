// One finger scrolls the page, and two move the map, which says so.

import { createElement } from "../dom.js";
import { getMap } from "./state.js";

const HINT_MS = 1200; // how long the hint stays once the finger rests

let hint = "";

/**
 * Set what the map says to one finger.
 * @param {string} text
 */
export function setHint(text) {
  hint = text;
}

/** Keep the map from catching the finger or the wheel that passes over it. */
export function letPageScroll() {
  const map = getMap();
  if (!map) return;
  map.scrollWheelZoom.disable();
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  if (!matchMedia("(pointer: coarse)").matches) return;
  map.dragging.disable();
  const container = map.getContainer();
  container.classList.add("one-finger-scrolls");
  const note = createElement("p", "map-hint", hint);
  note.setAttribute("aria-hidden", "true"); // who hears the page moves no finger over the map
  container.append(note);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  container.addEventListener("touchmove", function ({ touches }) {
    if (touches.length !== 1) return;
    note.classList.add("shown");
    clearTimeout(timer);
    timer = setTimeout(() => note.classList.remove("shown"), HINT_MS);
  }, { passive: true });
}
