// Work that may wait until the map's first picture is seen. It is done in slices, so that no finger waits for all of it.

import { afterPicture } from "../dom.js";

const SLICE_MS = 16; // a third of what counts as a long task, since the last piece of a slice goes on beyond it

/** @type {(() => void)[]} */
const pieces = [];
let isPlanned = false;
addEventListener("beforeprint", doWaiting);

/**
 * Do a small piece of work after the next picture, behind those that wait already.
 * @param {() => void} piece
 */
export function doLater(piece) {
  pieces.push(piece);
  planSlice();
}

/**
 * Do a piece of work in a task of its own, before all that waits for the picture: the picture is of it.
 * @param {() => void} piece
 */
export function doNext(piece) {
  pieces.unshift(piece);
  setTimeout(function () {
    const at = pieces.indexOf(piece); // -1 where somebody needed it before
    if (at >= 0) pieces.splice(at, 1)[0]();
  });
}

/** Do at once all that waits: somebody needs what it makes. */
export function doWaiting() {
  for (let piece = pieces.shift(); piece; piece = pieces.shift()) piece();
}

/** Return whether something still waits. */
export function isWaiting() {
  return pieces.length > 0;
}

/** Plan a slice behind the next picture. */
function planSlice() {
  if (isPlanned || !pieces.length) return;
  isPlanned = true;
  afterPicture(doSlice);
}

/** Do pieces until the slice is over. */
function doSlice() {
  const end_ms = performance.now() + SLICE_MS;
  do pieces.shift()?.();
  while (pieces.length && performance.now() < end_ms);
  isPlanned = false;
  planSlice();
}
