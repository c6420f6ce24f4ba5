// In which script a text is written, and the language that follows from it.

const HANGUL = /[\uac00-\ud7a3]/;
const NOT_LATIN = /[^\p{Script=Latin}\P{L}]/u;

/** Return the language of the page. */
const getLang = () => document.documentElement.lang;

/**
 * Mark a name that is written in Hangul as Korean, on a page in another language.
 * @template {HTMLElement} T
 * @param {T} element with its text
 */
export function markKorean(element) {
  if (getLang() !== "ko" && HANGUL.test(element.textContent || "")) element.lang = "ko";
  return element;
}

/**
 * Check whether a name has letters that readers of a page in Latin letters cannot read.
 * @param {string} name
 */
export function isForeign(name) {
  const lang = getLang();
  return Boolean(lang) && new Intl.Locale(lang).maximize().script === "Latn" && NOT_LATIN.test(name);
}
