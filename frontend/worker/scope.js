// What the worker is and what it is told: types and names that the parts of it share.

/** The worker itself. Types of pages and of workers exclude each other; these are those of a worker that it needs. */
export const worker = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ (self));

const PREFIX = "maenballo-";
export const LANGUAGES = PREFIX + "languages";
export const CACHE = PREFIX + VERSION;

/** List the caches of other versions of this site, the oldest first. */
export async function listOtherCaches() {
  const names = await caches.keys();
  return names.filter((name) => name.startsWith(PREFIX) && name !== CACHE && name !== LANGUAGES);
}

/**
 * Return the whole address of a page or a file of the site.
 * @param {string} address below the root of the site
 */
export function makeAbsolute(address) {
  return new URL(address, worker.registration.scope).href;
}

/**
 * Check whether an address changes with the content, so that what is kept under it stays right.
 * @param {URL} url
 */
export function isNamedByContent({ pathname, searchParams }) {
  const isAsset = pathname.includes("/static/");
  const hasDigest = searchParams.has("v") || /\.[0-9a-f]{12}\.\w+$/.test(pathname);
  return (isAsset && hasDigest) || /\/(map|shops|days)-[0-9a-f-]+\.\w+\.js(on)?$/.test(pathname);
}

/**
 * Check whether an address is that of the backdrop; its name says its content.
 * @param {URL} url
 */
export function isBackdrop({ pathname }) {
  return /\/basemap-[0-9a-f]{12}\.pmtiles$/.test(pathname);
}

/**
 * Check whether an address is that of a page for those who inspect trails, which no cache keeps.
 * @param {URL} url
 */
export function isOfInspectors({ pathname }) {
  return pathname.startsWith(new URL("check/", worker.registration.scope).pathname);
}
