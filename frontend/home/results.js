// What one search finds: trails, facilities, districts, neighbourhoods and shops, by first consonants and half syllables too.

import { makeFinders } from "../text/hangul.js";
import { fillIn, formatCount } from "../text/numbers.js";
import { chooseTrail } from "./choosing.js";
import { turnOn } from "./chips.js";
import { choosePlural, texts } from "./context.js";
import { listFeatures } from "./here.js";
import { useArea } from "./place.js";
import { findShops } from "./shop_results.js";
import { findDayState } from "./today.js";
import { trails } from "./trails.js";

/**
 * @typedef {object} Result
 * @property {string} icon
 * @property {string} name
 * @property {string} note
 * @property {() => void} act
 */
/** @typedef {{ title: string, results: Result[] }} Group */

const MOST = { trails: 5, districts: 4, areas: 3 };

/**
 * Find what fits a query, in groups; none for an empty query.
 * @param {string} query
 * @returns {Group[]}
 */
export function findResults(query) {
  const finders = makeFinders(query);
  if (!finders.length) return [];
  /** @param {string} name */
  const fits = (name) => finders.every((finder) => finder.test(name));
  const groups = [findTrails(fits), findFacilities(fits), findDistricts(fits), findAreas(fits), findShops(fits)];
  return groups.filter(({ results }) => results.length);
}

/** @typedef {(name: string) => boolean} Fits */

/**
 * @param {Fits} fits
 * @returns {Group}
 */
function findTrails(fits) {
  const matches = trails.filter(({ name, item }) => fits(name) || fits(item.dataset.names || ""));
  // What is called so comes before what has it among its other names; sections of a trail stand in their order.
  const compare = new Intl.Collator(texts.lang, { numeric: true }).compare;
  matches.sort((one, other) => Number(fits(other.name)) - Number(fits(one.name)) || compare(one.name, other.name));
  const results = matches.slice(0, MOST.trails).map(({ id, name, card }) => ({
    icon: "ground",
    name: name,
    note: writeState(id, card),
    act: () => chooseTrail(id),
  }));
  return { title: texts.trailsTitle, results: results };
}

/**
 * Write the state of a trail and its length, on one line: until when stands on the card, and what holds at some hours leaves no room.
 * @param {string} id
 * @param {HTMLElement} card
 */
function writeState(id, card) {
  const { kind, short } = findDayState(id);
  const length = kind === "cond" ? "" : card.querySelector(".len")?.textContent?.trim();
  return [kind === "last" ? texts.open : short, length].filter(Boolean).join(" · ").replaceAll(" ", "\u00a0");
}

/**
 * Find facilities: choosing one turns its chip on.
 * @param {Fits} fits
 * @returns {Group}
 */
function findFacilities(fits) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = document.querySelectorAll("#filters input[data-word]");
  const results = Array.from(boxes).filter((box) => fits(box.dataset.word || "")).map((box) => {
    const count = trails.filter(({ wishes }) => wishes.has(box.name)).length;
    const note = fillIn(choosePlural(texts.placesOne, texts.placesMany, count), { count: formatCount(count, texts.lang) });
    return { icon: box.dataset.icon || "", name: box.dataset.word || "", note: note, act: () => turnOn(box.name) };
  });
  return { title: texts.facilitiesTitle, results: results };
}

/**
 * @param {Fits} fits
 * @returns {Group}
 */
function findDistricts(fits) {
  const matches = listFeatures("districts").filter(({ properties }) => fits(properties.name));
  const results = matches.slice(0, MOST.districts).map(({ id, properties }) => ({
    icon: "store",
    name: properties.name,
    note: properties.place || "",
    act: () => location.assign(window.maenballo.addressOf("districts", id)),
  }));
  return { title: texts.districtsTitle || "", results: results };
}

/**
 * Find neighbourhoods: choosing one asks from there.
 * @param {Fits} fits
 * @returns {Group}
 */
function findAreas(fits) {
  /** @type {NodeListOf<HTMLOptionElement>} */
  const options = document.querySelectorAll("#area option[data-lon]");
  const matches = Array.from(options).filter(({ textContent }) => fits(textContent || ""));
  const results = matches.slice(0, MOST.areas).map(({ value, textContent }) => ({
    icon: "pin",
    name: (textContent || "").trim(),
    note: texts.askHere,
    act: () => useArea(value),
  }));
  return { title: texts.areasTitle || "", results: results };
}
