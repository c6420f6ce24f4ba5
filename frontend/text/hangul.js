// Finds Korean text as people type it: the twin of mapserver/text/hangul.py.

const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
// Syllables stand in the order of initial, vowel and final (The Unicode Standard, 3.12).
const FIRST_SYLLABLE = 0xac00, LAST_SYLLABLE = 0xd7a3;
const VOWELS = 21, FINALS = 28;
const PER_INITIAL = VOWELS * FINALS;

/** Letters of Latin, Greek and Cyrillic that may have accents, and those with a stroke, which Unicode does not take apart. */
const ACCENTED_RANGES = [[0xc0, 0x250], [0x370, 0x530], [0x1e00, 0x2000]];
const STROKED = { d: "đĐðÐ", h: "ħĦ", i: "ı", l: "łŁ", o: "øØ", t: "ŧŦ" };

/** For each plain letter those that are it with an accent. */
const ACCENTED = listAccentedLetters();

function listAccentedLetters() {
  /** @type {Record<string, string>} */
  const accented = { ...STROKED };
  for (const [first, end] of ACCENTED_RANGES) {
    for (let code = first; code < end; code++) {
      const letter = String.fromCharCode(code);
      const plain = letter.normalize("NFD")[0].toLowerCase();
      if (/\p{L}/u.test(plain) && plain !== letter.toLowerCase()) accented[plain] = (accented[plain] || "") + letter;
    }
  }
  return accented;
}

/**
 * Write the pattern of a typed sign: an initial stands for all of its syllables, and a syllable without a
 * final for itself with any final, which may still have to be typed.
 * @param {string} sign
 */
function writePattern(sign) {
  const initial = INITIALS.indexOf(sign);
  if (initial >= 0) {
    const first = FIRST_SYLLABLE + initial * PER_INITIAL;
    return `[${sign}${String.fromCharCode(first)}-${String.fromCharCode(first + PER_INITIAL - 1)}]`;
  }
  const code = sign.charCodeAt(0);
  if (code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE && (code - FIRST_SYLLABLE) % FINALS === 0) {
    return `[${sign}-${String.fromCharCode(code + FINALS - 1)}]`;
  }
  const plain = sign.normalize("NFD")[0].toLowerCase();
  if (ACCENTED[plain]) return `[${plain}${ACCENTED[plain]}]`;
  return /\s/.test(sign) ? "\\s+" : sign.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/**
 * Return a pattern that finds what somebody typed, or began to type.
 * @param {string} query
 */
export function makeFinder(query) {
  return new RegExp(Array.from(query.normalize("NFC").trim(), writePattern).join(""), "i");
}

/**
 * Return patterns for the words of a query, all of which must be found.
 * @param {string} query
 */
export function makeFinders(query) {
  return query.trim().split(/\s+/).filter(Boolean).map(makeFinder);
}
