// Answers to what pages ask for: from what is kept, or from the network.

import { listKeptLanguages } from "./keeping.js";
import { CACHE, makeAbsolute } from "./scope.js";

const PATIENCE_MS = 5000;

/**
 * Check whether an address changes with the content, so that what is kept under it stays right.
 * @param {URL} url
 */
export function isNamedByContent({ pathname, searchParams }) {
  const isAsset = pathname.includes("/static/");
  const hasDigest = searchParams.has("v") || /\.[0-9a-f]{12}\.\w+$/.test(pathname);
  return (isAsset && hasDigest) || /\/(map|shops|days)-[0-9a-f]+\.\w+\.js(on)?$/.test(pathname);
}

/**
 * Answer from what is kept, else from the network, and keep that.
 * @param {Request} request
 */
export async function answerFromCacheFirst(request) {
  const cache = await caches.open(CACHE);
  const keptAnswer = await cache.match(request, { ignoreVary: true });
  if (keptAnswer) return keptAnswer;
  const response = await fetch(request);
  if (response.ok && !response.redirected) await cache.put(request, response.clone());
  return response;
}

/**
 * Answer from the network; without signal with the kept page, or with the page that says so.
 * @param {Request} request
 */
export async function answerFromNetworkFirst(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok && response.type === "basic") await cache.put(request.url, response.clone());
    return response;
  } catch (error) {
    for (const address of await listKeptAddresses(request.url)) {
      const response = await cache.match(address, { ignoreVary: true });
      if (response) return markAsKept(response);
    }
    throw error;
  }
}

/**
 * List the addresses under which a page may be kept, the best first.
 * @param {string} address
 */
async function listKeptAddresses(address) {
  const { origin, pathname, searchParams } = new URL(address);
  const [anyLang] = await listKeptLanguages();
  const lang = searchParams.get("lang") || anyLang;
  const plain = origin + pathname;
  const index = plain.endsWith("/") ? plain + "index.html" : plain; // as files have it
  return [address, plain + "?lang=" + lang, plain, index, makeAbsolute(OFFLINE[lang] || OFFLINE.ko)];
}

/**
 * Mark a page as a kept one, so that it does not speak of another day as of today (kept.js).
 * @param {Response} response
 */
async function markAsKept(response) {
  const text = (await response.text()).replace("<body ", '<body data-kept="" ');
  return new Response(text, { headers: response.headers });
}
