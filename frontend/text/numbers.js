// Numbers and sentences as people write them. What `language.measure` writes on the server: no line parts a number from its unit.

import { chooseParticle } from "./particles.js";

/**
 * Write a distance: metres up to a kilometre, then kilometres with one digit.
 * @param {number} value metres
 * @param {string} lang
 */
export function formatDistance(value, lang) {
  if (value < 999.5) return formatMetres(value, lang);
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return keepOrder() + (value / 1000).toLocaleString(lang, digits) + "\u00a0km";
}

/**
 * Write whole metres.
 * @param {number} value
 * @param {string} lang
 */
export function formatMetres(value, lang) {
  return keepOrder() + formatCount(value, lang) + "\u00a0m";
}

/** Return what keeps a number before its Latin unit where lines run from right to left. */
const keepOrder = () => (document.documentElement.dir === "rtl" ? "\u200e" : "");

/**
 * Write a whole number.
 * @param {number} value
 * @param {string} lang
 */
export function formatCount(value, lang) {
  const whole = Math.round(value);
  // A telephone loads the numbers of a language for a twentieth of a second: small ones are the same in most.
  if (whole >= 0 && whole < FIRST_GROUPED && PLAIN_DIGITS.test(lang)) return String(whole);
  return whole.toLocaleString(lang);
}

const FIRST_GROUPED = 1000; // from which on digits stand in groups
const PLAIN_DIGITS = /^(ko|en|ja|zh|vi|de|fr|es|it|pt|ru|mi)(-|$)/; // languages with the digits 0 to 9

/**
 * Put words in the places of a sentence that are named in braces.
 * @param {string} sentence such as "{name} is {distance} away"
 * @param {Record<string, string>} words by name; a place without a word stays as it is
 */
export function fillIn(sentence, words) {
  // A Korean particle that follows a word is chosen by the sound on which the word ends.
  const places = /{(\w+)}(["'’”»」』\])]*)(이\(가\)|을\(를\)|은\(는\)|과\(와\)|와\(과\)|\(으\)로|\(이\))?/g;
  return sentence.replace(places, function (place, name, closing, pair = "") {
    const word = words[name];
    return word === undefined ? place : word + closing + chooseParticle(word, pair);
  });
}

const EIGHTH_DEG = 45;

/**
 * Return the word for a direction.
 * @param {number} bearing_deg clockwise from north
 * @param {string[]} words north first, eight of them clockwise
 */
export function nameDirection(bearing_deg, words) {
  return words[Math.round(bearing_deg / EIGHTH_DEG) % words.length];
}
