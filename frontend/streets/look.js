// Colours and sizes of the streets: a canvas takes no variables of CSS, so the page is asked.

import { STREETS } from "../colors.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");
const STRONG = matchMedia("(prefers-contrast: more)");

/** Return the colours for the screen as it is now. */
export function chooseColors() {
  const name = DARK.matches ? "night" : "day";
  return STREETS[STRONG.matches ? (name === "night" ? "strongNight" : "strongDay") : name];
}

/**
 * Return the letters of names, as map.css has them: larger where all text of the page is.
 * @param {L.Map} map
 */
export function chooseLetters(map) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const { fontFamily } = getComputedStyle(map.getContainer());
  const size = (document.documentElement.dataset.size === "large" ? 1.1875 : 0.8125) * rem;
  const pen = document.createElement("canvas").getContext("2d");
  const font = `500 ${size}px ${fontFamily}`;
  return {
    font,
    height: size * 1.35,
    /** @param {string} text */
    measure(text) {
      if (!pen) return 0;
      pen.font = font;
      return pen.measureText(text).width;
    },
  };
}

/**
 * Call a function whenever colours or sizes change.
 * @param {() => void} listener
 */
export function onLook(listener) {
  for (const query of [DARK, STRONG]) query.addEventListener("change", listener);
  new MutationObserver(listener).observe(document.documentElement, { attributeFilter: ["data-size"] });
}
