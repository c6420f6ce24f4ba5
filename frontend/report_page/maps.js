// Puts the maps of a report together from the pieces that they share: those in view first, then the rest,
// one after the other, so that all are there when the report is printed.

import { getElement } from "../dom.js";

/** @type {HTMLIFrameElement[]} */
export const frames = Array.from(document.querySelectorAll("iframe[data-map]"));
/** What report/frames.py wrote: pieces of pages, and which of them make up each map. */
/** @type {{ pieces: string[], pages: number[][] }} */
const { pieces, pages } = JSON.parse(getElement("maps").textContent || "");
const waitingFrames = new Set(frames);

/**
 * Draw the map of a frame; the promise is kept when it is there.
 * @param {HTMLIFrameElement} frame
 * @returns {Promise<unknown>}
 */
export function drawMap(frame) {
  if (!waitingFrames.delete(frame)) return Promise.resolve();
  return new Promise(function (resolve) {
    frame.addEventListener("load", resolve, { once: true });
    frame.loading = "eager";
    frame.srcdoc = pages[Number(frame.dataset.map)].map((piece) => pieces[piece]).join("\n");
  });
}

/** Draw all maps, and say on the page that they are drawn. */
export async function drawAllMaps() {
  for (const frame of frames) await drawMap(frame);
  document.documentElement.dataset.maps = "drawn";
}
