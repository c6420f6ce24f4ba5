// Sharing a trail, and a message to the district office; it is written and sent by the telephone.

import { getElement } from "../dom.js";
import { fillIn } from "../text/numbers.js";
import { openMessage } from "../text/messages.js";

/**
 * Let a button share the address of the page, or copy it.
 * @param {HTMLElement} button
 */
export function offerSharing(button) {
  if (!navigator.share && !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async function () {
    const address = location.href.split("#")[0];
    try {
      if (navigator.share) {
        await navigator.share({ title: document.title, url: address });
      } else {
        await navigator.clipboard.writeText(address);
        button.textContent = button.dataset.done || "";
      }
    } catch (error) {
      // Who changes their mind may try again; what cannot be done is not offered any more.
      if (/** @type {Error} */ (error).name !== "AbortError") button.hidden = true;
    }
  });
}

/**
 * Write what the office is told: the trail, and the place on it where somebody stands on the profile.
 * @param {import("./profile.js").TrailPlace | null} place
 */
export function writeMessage(place) {
  const box = document.getElementById("tell");
  if (!box) return;
  const { text = "", along = "", at = "" } = box.dataset;
  const words = place ? [text, fillIn(along, { distance: place.along }), place.lat + ", " + place.lon] : [text, at];
  const link = location.href.split(/[?#]/)[0];
  getElement("tell-text").textContent = words.filter(Boolean).join(" · ") + "\n" + link;
}

/** Let people send the message, or copy it where the office has no number for messages. */
export function offerMessage() {
  const box = document.getElementById("tell");
  const button = document.getElementById("tell-button");
  if (!box || !button) return;
  const { number, copied = "" } = box.dataset;
  writeMessage(null);
  if (number || navigator.clipboard) button.hidden = false;
  button.addEventListener("click", async function () {
    const message = getElement("tell-text").textContent || "";
    if (number) return openMessage(number, message);
    await navigator.clipboard.writeText(message);
    getElement("tell-status").textContent = copied;
  });
}
