// How large texts are on the map, before they are drawn: as map.css has them, which follows the text of the page.

/** @typedef {{ size: number, weight: number, spacing: number }} Letters pixels, and those between two letters */

/**
 * @typedef {object} TextSizes
 * @property {number} scale of everything that grows with the text
 * @property {number} nameHeight pixels
 * @property {number} pillHeight pixels
 * @property {number} pillEdge pixels beside the text of a pill: its number, and the padding
 * @property {(text: string, letters: Letters) => number} measure returns pixels
 */

/** Letters of names by role; in large text all are of one size. @type {Record<string, Letters>} */
const NAMES = {
  trails: { size: 15, weight: 800, spacing: -0.01 },
  districts: { size: 14, weight: 700, spacing: -0.01 },
  shops: { size: 14, weight: 700, spacing: -0.01 },
  areas: { size: 13, weight: 600, spacing: 0 }, // of which a map is about
};
const OTHER_NAMES = { size: 14, weight: 600, spacing: 0.04 };
const LARGE_NAME = 19;

const ruler = document.createElement("canvas").getContext("2d");
/** @type {Map<string, number>} */
const widths = new Map();

const isLarge = () => document.documentElement.dataset.size === "large";

/**
 * Return the letters of the names of a role.
 * @param {string} role
 * @returns {Letters}
 */
export function getNameLetters(role) {
  const letters = NAMES[role] || OTHER_NAMES;
  return isLarge() ? { ...letters, size: LARGE_NAME } : letters;
}

/** Return the letters of pills. @returns {Letters} */
export function getPillLetters() {
  return { size: isLarge() ? 22 : 17, weight: 800, spacing: 0 };
}

/**
 * Return the sizes of texts on a map, for one pass.
 * @param {L.Map} map
 * @returns {TextSizes}
 */
export function getTextSizes(map) {
  // Sizes are in rem, so they follow what a visitor has set in the browser.
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
  const { fontFamily } = getComputedStyle(map.getContainer());
  return {
    scale: rem * (isLarge() ? 1.3 : 1),
    nameHeight: (isLarge() ? 26 : 20) * rem,
    pillHeight: (isLarge() ? 44 : 36) * rem,
    pillEdge: (isLarge() ? 62 : 52) * rem,
    measure: (text, { size, weight, spacing }) =>
      measureText(text, `${weight} ${size * rem}px ${fontFamily}`) + [...text].length * spacing * size * rem,
  };
}

/**
 * Measure a text in pixels, once for each font.
 * @param {string} text
 * @param {string} font
 */
function measureText(text, font) {
  const key = font + text;
  let width = widths.get(key);
  if (width === undefined && ruler) {
    ruler.font = font;
    width = ruler.measureText(text).width;
    widths.set(key, width);
  }
  return width || 0;
}
