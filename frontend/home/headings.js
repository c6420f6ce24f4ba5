// What stands around the cards: headings, counts, and what to do where no trail is left.

import { getElement } from "../dom.js";
import { fillIn, formatCount } from "../text/numbers.js";
import { announce, choosePlural, texts } from "./context.js";
import { state } from "./state.js";
import { getDay, isToday, writeDayOf, writeSeasonEnd } from "./today.js";

/** @typedef {import("./listing.js").Listing} Listing */

/**
 * Write the headings for a listing.
 * @param {Listing} listing
 */
export function writeHeadings({ top, rest, openCount }) {
  const title = isToday() ? texts.now : fillIn(texts.then, { day: writeDayOf(getDay()) });
  getElement("title").textContent = title;
  const chip = document.getElementById("open-word");
  if (chip) chip.textContent = isToday() ? texts.openNow : fillIn(texts.openThat, { day: writeDayOf(getDay()) });
  const openWords = countWords(texts.openOne, texts.openMany, openCount);
  const placeWords = state.start ? [state.start.words] : [];
  getElement("where").textContent = [...placeWords, openWords].join(" · ");
  writeRest(rest, top.length > 0);
  writeNone(top.length ? null : rest);
  writeSeasonEnd();
  announce(openWords);
}

/**
 * Write what the second list holds.
 * @param {import("./listing.js").Row[]} rest
 * @param {boolean} hasAnswer
 */
function writeRest(rest, hasAnswer) {
  const heading = getElement("rest-title");
  heading.hidden = !rest.length;
  // What nobody knows is not called shut.
  const kind = hasAnswer && rest.some(({ isOpen }) => isOpen) ? "rest" : hasUnknown(rest) ? "doubt" : "shut";
  heading.textContent = countWords(texts[kind + "One"], texts[kind + "Many"], rest.length);
}

/**
 * Write what to do where no trail is open; hide it where one is.
 * @param {import("./listing.js").Row[] | null} rest null where a trail is open
 */
function writeNone(rest) {
  const box = getElement("none");
  box.hidden = rest === null;
  if (!rest) return;
  const opening = findOpening(rest);
  getElement("none-title").textContent = rest.length ? noneOpen(rest) : texts.noneFits;
  getElement("none-text").textContent = rest.length ? opening.words : texts.noneFitsHelp;
  const clear = getElement("none-clear"), day = getElement("none-day");
  clear.hidden = rest.length > 0 && !state.chips.size;
  day.hidden = !opening.day;
  day.dataset.day = opening.day;
  day.textContent = opening.day ? fillIn(texts.openThen, { day: writeDayOf(opening.day, "never") }) : "";
}

/**
 * Say that no trail is open, or that of none one knows that it is.
 * @param {import("./listing.js").Row[]} rest
 */
function noneOpen(rest) {
  const isUnknown = hasUnknown(rest);
  if (isToday()) return isUnknown ? texts.noneKnownNow : texts.noneNow;
  return fillIn(isUnknown ? texts.noneKnownThen : texts.noneThen, { day: writeDayOf(getDay()) });
}

/**
 * Return whether of any trail nobody knows if it is open.
 * @param {import("./listing.js").Row[]} rest
 */
function hasUnknown(rest) {
  return rest.some(({ day }) => day.state === "unknown");
}

/**
 * Find the first day on which trails open again, and say how many; nothing where none is known.
 * @param {import("./listing.js").Row[]} rest
 */
function findOpening(rest) {
  const days = rest.map(({ day }) => day.opens || "").filter(Boolean).sort();
  const [first] = days;
  if (!first) return { day: "", words: "" };
  const count = days.filter((day) => day === first).length;
  const sentence = choosePlural(texts.openingOne, texts.openingMany, count);
  return { day: first, words: fillIn(sentence, { day: writeDayOf(first, "always"), count: formatCount(count, texts.lang) }) };
}

/**
 * Write a count with its word.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 */
function countWords(one, many, count) {
  return fillIn(choosePlural(one, many, count), { count: formatCount(count, texts.lang) });
}
