// A message to the office about a trail: what is wrong and where; the telephone writes and sends it.

import { getElement } from "../dom.js";
import { openMessage } from "../text/messages.js";
import { fillIn } from "../text/numbers.js";

/** @typedef {import("./profile.js").TrailPlace} TrailPlace */

/** Where somebody stands on the profile. @type {TrailPlace | null} */
let chosenPlace = null;

/**
 * Write the message anew, for a place on the profile.
 * @param {TrailPlace | null} place
 */
export function writeMessage(place) {
  chosenPlace = place;
  const box = document.getElementById("tell");
  if (!box) return;
  const { text = "", along = "" } = box.dataset;
  /** @type {HTMLInputElement | null} */
  const trouble = box.querySelector("input[name=trouble]:checked");
  const where = place ? [fillIn(along, { distance: place.along }), place.lat + ", " + place.lon] : [];
  const words = [trouble ? text + ": " + trouble.value : text, ...where];
  // A blank that keeps a number beside its unit is foreign to the phones of those who read the message.
  const message = words.join(" · ").replaceAll("\u00a0", " ");
  getElement("tell-text").textContent = message + "\n" + location.href.split(/[?#]/)[0];
}

/** Let people send the message, or copy it where the office has no number for messages. */
export function offerMessage() {
  const box = document.getElementById("tell");
  const button = document.getElementById("tell-button");
  if (!box || !button) return;
  const { number, copied = "" } = box.dataset;
  writeMessage(null);
  box.addEventListener("change", () => writeMessage(chosenPlace));
  if (number || navigator.clipboard) button.hidden = false;
  button.addEventListener("click", async function () {
    const message = getElement("tell-text").textContent || "";
    if (number) return openMessage(number, message);
    await navigator.clipboard.writeText(message);
    getElement("tell-status").textContent = copied;
  });
}
