// Messages that the telephone writes and sends: nothing goes through this site.

/** Bytes of a short message in EUC-KR, where Hangul takes two; what is longer costs more to send. */
const MAX_MESSAGE = 90;
const CUT = "..";

/**
 * Write the address that opens the telephone's own message.
 * @param {string} number
 * @param {string} message
 */
export const writeAddress = (number, message) =>
  // "?&" is read by iPhones and by Android alike.
  "sms:" + encodeURIComponent(number) + "?&body=" + encodeURIComponent(message);

/**
 * Count the bytes of a message: one for ASCII, two for Hangul and all else.
 * @param {string} text
 */
export const countBytes = (text) => Array.from(text, (letter) => (letter.charCodeAt(0) < 128 ? 1 : 2)).reduce((a, b) => a + b, 0);

/**
 * Write a message of 90 bytes: names are shortened, numbers and what is wrong never.
 * @param {{ mark: string, name: string, area: string }} names
 * @param {string[]} facts
 */
export function fitMessage({ mark, name, area }, facts) {
  for (;;) {
    const place = [mark, name, area].filter(Boolean).join(" ");
    const text = [place, ...facts].filter(Boolean).join(" / ");
    if (countBytes(text) <= MAX_MESSAGE || !(name || area)) return text;
    // The longer of the two names gives way, letter by letter.
    if (countBytes(name) >= countBytes(area)) name = shorten(name);
    else area = shorten(area);
  }
}

/** @param {string} name */
function shorten(name) {
  const whole = Array.from(name.endsWith(CUT) ? name.slice(0, -CUT.length) : name)
    .slice(0, -1)
    .join("")
    .trimEnd();
  return whole && whole + CUT;
}
