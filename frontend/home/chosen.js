// The chosen trail: its name, the way, its state and what one can do, above the list or in its place.

import { createElement, getElement } from "../dom.js";
import { fillIn } from "../text/numbers.js";
import { announce, sheet, texts } from "./context.js";
import { state } from "./state.js";
import { writeMinutes } from "./ways.js";

/** @typedef {import("./listing.js").Row} Row */

/**
 * Write the chosen trail, or hide its box.
 * @param {Row | null} row
 */
export function writeChosen(row) {
  const box = getElement("pick");
  const isNew = row !== null && box.dataset.id !== row.trail.id;
  sheet.classList.toggle("picked", row !== null);
  box.hidden = row === null;
  box.dataset.id = row ? row.trail.id : "";
  if (!row) return;
  const name = row.trail.card.querySelector(".name");
  getElement("pick-name").replaceChildren(...cloneChildren(name));
  getElement("pick-lead").replaceChildren(...createLead(row));
  getElement("pick-state").replaceChildren(...copyState(row));
  const has = row.trail.card.querySelector(".has");
  getElement("pick-has").replaceChildren(...cloneChildren(has));
  const { href } = row.trail.card;
  /** @type {HTMLAnchorElement} */ (getElement("pick-more")).href = href;
  Object.assign(getElement("pick-share").dataset, { share: href, title: row.trail.name });
  writeWay(row);
  if (isNew) announce(fillIn(texts.chosen, { name: row.trail.name }));
}

/**
 * Copy what an element of a card holds.
 * @param {Element | null} element
 */
function cloneChildren(element) {
  return element ? Array.from(element.childNodes, (node) => node.cloneNode(true)) : [];
}

/**
 * Create the line below the name: minutes, length, surface.
 * @param {Row} row
 */
function createLead({ trail, distance_m }) {
  const minutes = writeMinutes(distance_m, state.start?.accuracy_m);
  const onFoot = minutes && minutes !== texts.here ? fillIn(texts.walk, { minutes: minutes }) : minutes;
  const length = trail.card.querySelector(".len")?.textContent?.trim();
  const facts = [length && fillIn(texts.length, { length: length }), trail.item.dataset.surface];
  const parts = onFoot ? [createElement("b", "num", onFoot)] : [];
  return [...parts, ...facts.filter(Boolean).map((fact) => createElement("span", "num", fact))];
}

/**
 * Copy the state of the day, with why and until when.
 * @param {Row} row
 */
function copyState({ trail, day }) {
  const mark = trail.card.querySelector(".state");
  const parts = mark ? [/** @type {HTMLElement} */ (mark.cloneNode(true))] : [];
  return day.follows ? [...parts, createElement("span", "", day.follows)] : parts;
}

/**
 * Lead the button to the way there: to the map that the city names.
 * @param {Row} row
 */
function writeWay({ trail }) {
  const link = /** @type {HTMLAnchorElement} */ (getElement("pick-way"));
  const { way } = trail.item.dataset;
  link.hidden = !way;
  if (way) link.href = way;
}
