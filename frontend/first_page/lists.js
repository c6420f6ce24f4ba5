// The lists: from an entry to its place on the map, and finding entries by words.

import { createElement, getElement, getField } from "../dom.js";
import { formatCount } from "../text/numbers.js";
import { makeFinders } from "../text/hangul.js";
import { map, panel, texts } from "./context.js";

/** Where the focus goes back to when a card is closed. @type {HTMLElement | null} */
let opener = null;

/**
 * Show a feature on the map, and open its card.
 * @param {string} layerId
 * @param {string} featureId
 * @param {HTMLElement} [button] that was pressed for it
 */
export function showFeature(layerId, featureId, button) {
  const layer = window.maenballo.layers[layerId];
  const entry = layer && layer.byId[featureId];
  if (!map || !entry) return;
  opener = button || null;
  if (!map.hasLayer(layer.group)) map.addLayer(layer.group);
  const bounds = entry.drawn && entry.drawn.getBounds ? entry.drawn.getBounds() : null;
  if (bounds) map.fitBounds(bounds, { maxZoom: 17, padding: [48, 48], animate: false });
  window.maenballo.open(layerId, featureId);
}

/** Join the lists and the map: a button shows its feature, an open card marks its entry. */
export function joinListsAndMap() {
  panel.addEventListener("click", function ({ target }) {
    const selector = "[data-layer][data-id]";
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(selector));
    if (button) showFeature(button.dataset.layer || "", button.dataset.id || "", button);
  });
  if (!map) return;
  const openMap = map;
  openMap.on("popupopen", function ({ popup }) {
    const element = popup.getElement();
    /** @type {HTMLElement | null} */
    const close = element ? element.querySelector(".leaflet-popup-close-button") : null;
    if (opener && close) close.focus({ preventScroll: true });
  });
  openMap.on("popupclose", function () {
    if (opener) opener.focus({ preventScroll: true });
    opener = null;
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && openMap.closePopup());
  openMap.on("maenballo:open", function (event) {
    const { layer, id } = /** @type {L.LeafletEvent & { id: string }} */ (event);
    document.querySelectorAll(".item-chosen").forEach((item) => item.classList.remove("item-chosen"));
    const item = document.getElementById(layer + "-" + id);
    if (item) item.classList.add("item-chosen");
  });
}

/**
 * Create a link to a feature's page.
 * @param {string} role
 * @param {string} id
 * @param {string} name
 */
export function createPageLink(role, id, name) {
  const link = createElement("a", "item-name", name);
  link.href = window.maenballo.addressOf(role, id);
  return link;
}

/** Let people find entries by words, and those of open trails alone. */
export function offerFinding() {
  const words = getField("find-text");
  const openOnly = getField("find-open");

  function filterItems() {
    const finders = makeFinders(words.value);
    let total = 0;
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const lists = document.querySelectorAll(".list");
    for (const list of lists) {
      const count = filterList(list, finders, openOnly.checked);
      if (finders.length) list.open = count > 0;
      total += count;
    }
    getElement("find-status").textContent = total ? "" : texts.none;
  }

  getElement("find").hidden = false;
  words.addEventListener("input", filterItems);
  openOnly.addEventListener("change", filterItems);
}

/**
 * Hide the entries of a list that do not fit, and return how many do.
 * @param {HTMLElement} list
 * @param {RegExp[]} finders all of which must be found
 * @param {boolean} openOnly
 */
function filterList(list, finders, openOnly) {
  let count = 0;
  /** @type {NodeListOf<HTMLElement>} */
  const items = list.querySelectorAll(".item");
  for (const item of items) {
    const { state, words = "" } = item.dataset;
    const isWanted = !openOnly || state === undefined || state === "open"; // districts have no state
    item.hidden = !isWanted || !finders.every((finder) => finder.test(words));
    if (!item.hidden) count++;
  }
  const number = list.querySelector(".count");
  if (number) number.textContent = formatCount(count, texts.lang);
  return count;
}
