// Colours and sizes of the streets: a canvas takes no variables of CSS, so the page is asked.

import { STREETS } from "../colors.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");
const STRONG = matchMedia("(prefers-contrast: more)");

/** Return the colours for the screen as it is now. */
export function chooseColors() {
  const name = DARK.matches ? "night" : "day";
  return STREETS[STRONG.matches ? (name === "night" ? "strongNight" : "strongDay") : name];
}

/** Return the size of names in pixels: larger where all text of the page is. */
export function chooseNameSize() {
  return document.documentElement.dataset.size === "large" ? 19 : 13;
}

/**
 * Call a function whenever colours or sizes change.
 * @param {() => void} listener
 */
export function onLook(listener) {
  for (const query of [DARK, STRONG]) query.addEventListener("change", listener);
  new MutationObserver(listener).observe(document.documentElement, { attributeFilter: ["data-size"] });
}
