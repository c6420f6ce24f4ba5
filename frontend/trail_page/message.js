// A message to the office about a trail: what is wrong and where; the telephone writes and sends it.

import { getElement } from "../dom.js";
import { fitMessage, writeAddress } from "../text/messages.js";
import { fillIn } from "../text/numbers.js";

/** @typedef {import("./profile.js").TrailPlace} TrailPlace */

/** Where somebody stands on the profile. @type {TrailPlace | null} */
let chosenPlace = null;

/**
 * Write the message anew, for a place on the profile; without one for the entrance.
 * @param {TrailPlace | null} place
 */
export function writeMessage(place) {
  chosenPlace = place;
  const box = document.getElementById("tell");
  if (!box) return;
  const { mark = "", name = "", area = "", position = "", along = "", number = "" } = box.dataset;
  /** @type {HTMLInputElement | null} */
  const trouble = box.querySelector("input[name=trouble]:checked");
  const metres = place ? fillIn(along, { distance: place.along }) : "";
  // A blank that keeps a number beside its unit is foreign to the phones of those who read the message.
  const facts = [trouble ? trouble.value : "", metres, place ? place.lat + ", " + place.lon : position];
  const message = fitMessage({ mark, name, area }, facts.map((fact) => fact.replaceAll("\u00a0", " ")));
  getElement("tell-text").textContent = message;
  document.getElementById("tell-send")?.setAttribute("href", writeAddress(number, message));
}

/** Let people send the message, or copy it. */
export function offerMessage() {
  const box = document.getElementById("tell");
  const button = document.getElementById("tell-button");
  if (!box || !button) return;
  const { copied = "" } = box.dataset;
  writeMessage(null);
  box.addEventListener("change", () => writeMessage(chosenPlace));
  if (navigator.clipboard) button.hidden = false;
  button.addEventListener("click", async function () {
    await navigator.clipboard.writeText(getElement("tell-text").textContent || "");
    getElement("tell-status").textContent = copied;
  });
}
