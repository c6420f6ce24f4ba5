// What the worker is and what it is told: types and names that the parts of it share.

/** The worker itself. Types of pages and of workers exclude each other; these are those of a worker that it needs. */
export const worker = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ (self));

const PREFIX = "maenballo-";
export const LANGUAGES = PREFIX + "languages";
export const CACHE = PREFIX + VERSION;

/**
 * Check whether a cache is one of another version of this site.
 * @param {string} name
 */
export function isOtherVersion(name) {
  return name.startsWith(PREFIX) && name !== CACHE && name !== LANGUAGES;
}

/**
 * Return the whole address of a page or a file of the site.
 * @param {string} address below the root of the site
 */
export function makeAbsolute(address) {
  return new URL(address, worker.registration.scope).href;
}
