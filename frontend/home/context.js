// What the parts of the first page share: its elements, its texts, and how wide the window is.

import { getElement, isCalm, readTexts } from "../dom.js";

export const sheet = getElement("sheet");
export const texts = readTexts(sheet);
/** Whether the lists stand in a panel beside the map, and not in a sheet above it. */
export const wide = matchMedia("(min-width: 45rem)");

/** Height of the window that the full sheet leaves free: the search field stays in sight. */
export const FREE_PX = 76;

/**
 * Say something to those who listen to the page.
 * @param {string} sentence
 */
export function announce(sentence) {
  getElement("status").textContent = sentence;
}

/**
 * Return the one of two texts that fits a number, as the language of the page counts.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 */
export function choosePlural(one, many, count) {
  return new Intl.PluralRules(texts.lang).select(count) === "one" ? one : many;
}

/**
 * Move the focus to an element, without moving the page.
 * @param {HTMLElement | null | undefined} element
 */
export function moveFocus(element) {
  if (element) element.focus({ preventScroll: !isCalm });
}
