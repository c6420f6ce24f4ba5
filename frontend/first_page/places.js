// Asking from a place by its name: of our own layers, and of shops, which are fetched when somebody types.

import { createElement, getElement, getField } from "../dom.js";
import { fetchShops } from "../shops/fetching.js";
import { makeFinder } from "../text/hangul.js";
import { answerFrom } from "./answer.js";
import { panel, texts } from "./context.js";

const MOST_PLACES = 8;

/** @typedef {{ name: string, kind: string, at: LonLat }} Place */
/** @type {import("../shops/fetching.js").ShopList | null} */
let shops = null;

/** Offer places whose names fit while somebody types. */
export function offerPlaces() {
  const field = getField("near-place");
  const offer = () => offerMatches(field);
  field.addEventListener("input", offer);
  field.addEventListener("focus", async function () {
    if (shops || !panel.dataset.shops) return;
    shops = await fetchShops(panel.dataset.shops);
    offer();
  });
}

/**
 * List the places whose names fit what was typed.
 * @param {HTMLInputElement} field
 */
function offerMatches(field) {
  const list = getElement("near-offered");
  const query = field.value.trim();
  list.replaceChildren();
  if (!query) return;
  const places = findPlaces(makeFinder(query));
  list.append(...places.map((place) => createPlaceItem(place, field, list)));
  getElement("near-offered-status").textContent = places.length ? "" : texts.none;
}

/**
 * Find places by name: those on the map first, then shops.
 * @param {RegExp} finder
 * @returns {Place[]}
 */
function findPlaces(finder) {
  const places = [];
  for (const { options, byId } of listFindableLayers()) {
    for (const { feature } of Object.values(byId)) {
      const { name, label } = feature.properties;
      if (label && finder.test(name)) places.push({ name: name, kind: options.word, at: label });
    }
  }
  if (shops) {
    for (const [lon, lat, name, kind] of shops.shops) {
      if (places.length >= MOST_PLACES) break;
      const place = /** @type {LonLat} */ ([lon, lat]);
      if (finder.test(name)) places.push({ name: name, kind: shops.kinds[kind], at: place });
    }
  }
  return places.slice(0, MOST_PLACES);
}

/** List the layers whose features are offered: those with pages first, and what lies on top before the others. */
function listFindableLayers() {
  const layers = Object.values(window.maenballo.layers).reverse();
  const findable = layers.filter(({ options }) => options.isFindable);
  return findable.sort((one, other) => Number(other.options.hasPages) - Number(one.options.hasPages));
}

/**
 * Create the entry of a place; choosing it asks from there.
 * @param {Place} place
 * @param {HTMLInputElement} field
 * @param {HTMLElement} list
 */
function createPlaceItem(place, field, list) {
  const button = createElement("button", "item-button");
  button.type = "button";
  button.append(createElement("span", "item-name", place.name), createElement("span", "item-facts", place.kind));
  button.addEventListener("click", function () {
    list.replaceChildren();
    field.value = place.name;
    answerFrom(place.at[0], place.at[1], texts.from + " " + place.name);
  });
  const item = createElement("li");
  item.append(button);
  return item;
}
