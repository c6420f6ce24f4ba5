// One's own place: asked for by a button and never before, and a neighbourhood in its stead.

import { getElement } from "../dom.js";
import { findNearest } from "../geo/nearest.js";
import { fillIn, formatDistance } from "../text/numbers.js";
import { announce, moveFocus, sheet, texts } from "./context.js";
import { changeState, readStart } from "./state.js";
import { trails } from "./trails.js";
import { ROUGH_M } from "./ways.js";

const FARTHEST_M = 30_000; // from farther away nobody walks to a trail of this city
const PATIENCE_MS = 10_000;
const POSITION_OPTIONS = { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 };
const PERMISSION_DENIED = 1; // of GeolocationPositionError

/** Counts how often somebody asked: an answer that comes too late is not taken. */
let question = 0;

/** Let people ask from where they are, and from a neighbourhood. */
export function offerPlaces() {
  getElement("locate").addEventListener("click", askPosition);
  areaField()?.addEventListener("change", askArea);
}

/** Return the field of neighbourhoods; a city without them has none. */
function areaField() {
  return /** @type {HTMLSelectElement | null} */ (document.getElementById("area"));
}

/** Ask the device where it is; the answer stays on it. */
function askPosition() {
  if (!navigator.geolocation) return explainFailure(texts.noPosition);
  const asked = ++question;
  const button = getElement("locate");
  button.setAttribute("aria-busy", "true");
  announce(texts.searching);
  /** @param {() => void} act */
  const answer = (act) => () => {
    clearTimeout(timer);
    if (asked !== question) return;
    question++;
    button.removeAttribute("aria-busy");
    act();
  };
  // The device's own patience begins only when somebody has answered its question, which may be never.
  const timer = setTimeout(answer(() => explainFailure(texts.late)), PATIENCE_MS + 500);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => answer(() => usePosition(coords))(),
    ({ code }) => answer(() => explainFailure(code === PERMISSION_DENIED ? texts.refused : texts.late))(),
    POSITION_OPTIONS,
  );
}

/**
 * Show what is near to a position, unless it is far from the city.
 * @param {GeolocationCoordinates} coords
 */
function usePosition({ longitude, latitude, accuracy }) {
  const places = trails.flatMap(({ geometry }) => (geometry ? [{ geometry: geometry }] : []));
  const [nearest] = findNearest(longitude, latitude, places, 1);
  if (!nearest || nearest.distance_m - accuracy > FARTHEST_M) return explainFailure(texts.far);
  const isRough = accuracy > ROUGH_M;
  const distance = formatDistance(accuracy, texts.lang);
  const words = isRough ? fillIn(texts.fromRough, { distance: distance }) : texts.fromMe;
  getElement("locate").setAttribute("aria-pressed", "true");
  showNotice(isRough ? fillIn(texts.rough, { distance: distance }) : "");
  const field = areaField();
  if (field) field.value = "";
  changeState({
    start: { lon: longitude, lat: latitude, words: words, area: "", isOwn: true, accuracy_m: accuracy },
    chosen: null,
  });
}

/** Show what is near to the neighbourhood that was chosen; the first entry is the place that the page began with. */
function askArea() {
  const field = areaField();
  if (field) useArea(field.value);
}

/**
 * Show what is near to a neighbourhood.
 * @param {string} id empty for the place that the page began with
 * @param {import("./state.js").Change} [change]
 */
export function useArea(id, change) {
  const field = areaField();
  const option = field && Array.from(field.options).find(({ value }) => value === id);
  question++; // an answer of the device would come too late
  getElement("locate").removeAttribute("aria-busy");
  getElement("locate").setAttribute("aria-pressed", "false");
  if (field) field.value = option ? id : "";
  showNotice("");
  changeState({ start: option && id ? readOption(option) : readStart(), chosen: null }, change);
}

/**
 * Show what is near to a point of the map.
 * @param {number} lon
 * @param {number} lat
 */
export function usePoint(lon, lat) {
  const start = { lon: lon, lat: lat, words: texts.fromMap, area: "", isOwn: false, accuracy_m: 0 };
  getElement("locate").setAttribute("aria-pressed", "false");
  changeState({ start: start, chosen: null });
}

/**
 * Read the place of a neighbourhood.
 * @param {HTMLOptionElement} option
 * @returns {import("./state.js").Start}
 */
function readOption({ value, dataset, textContent }) {
  const words = fillIn(texts.from, { place: (textContent || "").trim() });
  return { lon: Number(dataset.lon), lat: Number(dataset.lat), words: words, area: value, isOwn: false, accuracy_m: 0 };
}

/**
 * Say why there is no position, how to allow it, and offer the neighbourhoods in the same place.
 * @param {string} message
 */
function explainFailure(message) {
  getElement("locate").setAttribute("aria-pressed", "false");
  showNotice(message);
  announce(message);
  changeState({}, { moves: false });
  moveFocus(areaField() || getElement("locate"));
}

/**
 * Show a notice about the place above the cards, with the choice of a neighbourhood below it; an empty one goes away.
 * @param {string} message
 */
function showNotice(message) {
  const notice = getElement("place-notice");
  const choice = document.getElementById("place-choice");
  notice.hidden = !message;
  getElement("place-words").textContent = message;
  sheet.classList.toggle("noticed", Boolean(message));
  if (!choice) return;
  // One field in two places, so that what is chosen is the same in both. What is moved loses the focus.
  const hadFocus = choice.contains(document.activeElement);
  (message ? notice : getElement("place-home")).append(choice);
  if (hadFocus) moveFocus(areaField());
}
