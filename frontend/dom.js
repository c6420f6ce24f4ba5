// Elements of the page: found, and made with text that stays text.

/**
 * Create an element with a class and a text; no text ever becomes markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function createElement(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/**
 * Set the colour of a layer on an element, where the layer has one; the styles take it from there.
 * @template {HTMLElement} T
 * @param {T} element
 * @param {{ icon?: string, onIcon?: string }} colors of the ground, and of what is drawn on it
 */
export function paintIcon(element, { icon, onIcon }) {
  if (icon) element.style.setProperty("--layer", icon);
  if (onIcon) element.style.setProperty("--on-layer", onIcon);
  return element;
}

/**
 * Return the element that the template wrote with an id.
 * @param {string} id
 * @returns {HTMLElement}
 * @throws {Error} the page has none
 */
export function getElement(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
}

/**
 * Return the field of a form that the template wrote with an id.
 * @param {string} id
 */
export function getField(id) {
  return /** @type {HTMLInputElement} */ (getElement(id));
}

/**
 * Return the texts that the template wrote as data attributes of an element.
 * @param {HTMLElement} element
 */
export function readTexts(element) {
  return /** @type {Record<string, string>} */ (element.dataset);
}

/** Whether movements are to be left out. */
export const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Do something once the next picture of the page is seen.
 * @param {() => void} act
 */
export function afterPicture(act) {
  requestAnimationFrame(() => setTimeout(act));
}
