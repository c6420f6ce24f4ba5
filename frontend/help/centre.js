// The centre of one's own neighbourhood: opened from the address, or found from the position, which stays on the device.

import { getElement, readTexts } from "../dom.js";
import { findContaining } from "../geo/containment.js";
import { unpackFeatures } from "../map/unpacking.js";

const PATIENCE_MS = 10_000;

/** Open the centre that the address names, and let people look for theirs. */
export function offerCentres() {
  const asked = findArea(new URLSearchParams(location.search).get("from") || "");
  if (asked) {
    showArea(asked);
    // A file is the same for every neighbourhood: who comes from one sees its centre first.
    getElement("found").before(getElement("centres"));
  }
  const button = document.getElementById("locate");
  button?.addEventListener("click", () => askPosition(button));
}

/**
 * Ask the device where it is, when somebody has pressed for it and never before.
 * @param {HTMLElement} button
 */
function askPosition(button) {
  const texts = readTexts(button);
  if (!navigator.geolocation) return say(texts.failed);
  button.setAttribute("aria-busy", "true");
  say(texts.searching);
  /** @param {string} message */
  const end = (message) => {
    button.removeAttribute("aria-busy");
    say(message);
  };
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => end(openContaining(coords, texts)),
    () => end(texts.failed),
    { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
  );
}

/**
 * Open the neighbourhood that contains a position, and return what is said of it.
 * @param {GeolocationCoordinates} coords
 * @param {Record<string, string>} texts
 */
function openContaining({ longitude, latitude }, texts) {
  /** @type {FeatureCollection} */
  const outlines = JSON.parse(texts.outlines);
  unpackFeatures(outlines);
  const [area] = findContaining(longitude, latitude, outlines.features);
  const box = area && findArea(String(area.id));
  if (!box) return texts.outside;
  showArea(box);
  const summary = box.querySelector("summary");
  summary?.focus();
  return summary?.textContent?.trim() || "";
}

/**
 * Find the box of a neighbourhood; the id stands in an address, and is no selector.
 * @param {string} id
 */
function findArea(id) {
  /** @type {HTMLDetailsElement[]} */
  const boxes = Array.from(document.querySelectorAll("details[data-area]"));
  return id ? boxes.find(({ dataset }) => dataset.area === id) : undefined;
}

/**
 * Open the box of a neighbourhood before all others.
 * @param {HTMLDetailsElement} box
 */
function showArea(box) {
  box.open = true;
  getElement("areas").prepend(box);
}

/** @param {string} message */
function say(message) {
  getElement("locate-status").textContent = message;
}
