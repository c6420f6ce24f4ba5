// What is too wide for paper is made smaller as a whole, or the browser would shrink every page.

const PAPER = 680; // CSS pixels between the margins of A4
const FINER = 0.8; // letters of a table on paper, against those on the screen
const HALF = 325; // a column: a long table that (nearly) fits into it is printed in two
const SHRUNK = 0.85; // and so much smaller at most
const MAP = 500; // wide enough for a map: two of them, or one and its text, fill a page

/**
 * Fit a table to the paper.
 * @param {HTMLElement} box that holds it
 */
export function fitTable(box) {
  const table = box.querySelector("table");
  if (!table) return;
  // How wide it is at least, with every line broken, and at most, with none.
  box.style.width = "0";
  table.style.minWidth = "0";
  const narrowest = table.offsetWidth * FINER;
  table.style.width = "max-content";
  const widest = table.offsetWidth * FINER;
  box.style.width = table.style.width = table.style.minWidth = "";
  const isHalved = box.classList.contains("long") && SHRUNK * widest <= HALF;
  box.classList.toggle("halves", isHalved);
  const scale = isHalved ? HALF / widest : PAPER / narrowest;
  table.style.setProperty("--on-paper", String(Math.min(1, scale)));
}

/**
 * Fit a map to the paper: it is the map on the screen, since Leaflet has no time to lay it out anew.
 * @param {HTMLIFrameElement} frame
 */
export function fitMap(frame) {
  const { width, height } = frame.getBoundingClientRect();
  if (!width || !frame.parentElement) return;
  const scale = MAP / width;
  frame.style.cssText = `width:${width}px;height:${height}px;transform:scale(${scale})`;
  frame.parentElement.style.cssText = `width:${MAP}px;height:${height * scale}px`;
}

/**
 * Give a map its size on the screen back.
 * @param {HTMLIFrameElement} frame
 */
export function restoreMap(frame) {
  frame.removeAttribute("style");
  if (frame.parentElement) frame.parentElement.removeAttribute("style");
}
