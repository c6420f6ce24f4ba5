// Answers to what pages ask for: from what is kept, or from the network.

import { findLastLanguage } from "./keeping.js";
import { CACHE, listOtherCaches, makeAbsolute } from "./scope.js";

const PATIENCE_MS = 5000; // until an answer begins
const RELATIVE = /\s(href|src|action|data-root|data-worker)="(?![a-z]+:|[#/?"])([^"]+)"/g;

/**
 * Find what is kept under an address, in this version or else in the one before.
 * @param {string} address
 */
export async function findKept(address) {
  for (const name of [CACHE, ...(await listOtherCaches()).reverse()]) {
    // To open a cache would make one anew that has just been deleted.
    const response = await caches.match(address, { ignoreVary: true, cacheName: name });
    if (response) return response;
  }
  return undefined;
}

/**
 * Answer from what is kept, else from the network, and keep that.
 * @param {Request} request
 */
export async function answerFromCacheFirst(request) {
  const keptAnswer = await findKept(request.url);
  if (keptAnswer) return keptAnswer;
  const response = await fetch(request);
  if (response.ok && !response.redirected) await put(request.url, response.clone());
  return response;
}

/**
 * Answer from the network; without signal with the kept page, or with the page that says so.
 * @param {FetchEvent} event
 */
export async function answerFromNetworkFirst(event) {
  const { request } = event;
  try {
    const response = await fetchPatiently(request);
    // Of another day, another size or a search nothing is kept: scripts make all of these from the plain page.
    // The page is shown while it comes, however long that takes.
    if (isPage(response) && isPlain(request.url)) event.waitUntil(put(request.url, response.clone()));
    return response;
  } catch (error) {
    for (const address of await listKeptAddresses(request.url)) {
      const response = await findKept(address);
      if (response) return markAsKept(response, request.url, address);
    }
    throw error;
  }
}

/**
 * Fetch an answer that begins soon. One that has begun may take its time: cut off, it would be half a page.
 * @param {Request} request
 * @throws {DOMException} nothing came
 */
async function fetchPatiently(request) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    return await fetch(request, { signal: patience.signal });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Keep an answer; a full telephone keeps nothing more, and shows it all the same.
 * @param {string} address
 * @param {Response} response
 */
async function put(address, response) {
  try {
    // To open the cache would make it anew: a later version, which has all, may have deleted it.
    if (await caches.has(CACHE)) await (await caches.open(CACHE)).put(address, response);
  } catch {
    // No room.
  }
}

/**
 * Check whether an answer is a page, and no file that is taken along.
 * @param {Response} response
 */
function isPage({ ok, type, headers }) {
  return ok && type === "basic" && (headers.get("Content-Type") || "").startsWith("text/html");
}

/**
 * Check whether an address is that of a page as such, in a language.
 * @param {string} address
 */
function isPlain(address) {
  return [...new URL(address).searchParams.keys()].every((name) => name === "lang");
}

/**
 * List the addresses under which a page may be kept, the best first; the page that there is no signal comes last.
 * @param {string} address
 */
async function listKeptAddresses(address) {
  const { origin, pathname, searchParams } = new URL(address);
  const lang = searchParams.get("lang") || (await findLastLanguage());
  const plain = origin + pathname;
  const index = plain.endsWith("/") ? plain + "index.html" : plain; // as files have it
  return [plain + "?lang=" + lang, plain, index, chooseOfflinePage(plain, lang)];
}

/**
 * Choose the page that says that there is no signal: of the language, or of the folder that it lies in.
 * @param {string} plain
 * @param {string} lang
 */
function chooseOfflinePage(plain, lang) {
  const pages = Object.values(OFFLINE).map(makeAbsolute);
  const inFolder = pages
    .filter((page) => !page.includes("?") && plain.startsWith(page.slice(0, page.lastIndexOf("/") + 1)))
    .sort((a, b) => b.length - a.length);
  return inFolder[0] || makeAbsolute(OFFLINE[lang] || Object.values(OFFLINE)[0]);
}

/**
 * Mark a page as a kept one, so that it says so (offline.js), and lead its links from where it is shown.
 * @param {Response} response
 * @param {string} shownAt
 * @param {string} keptAt
 */
async function markAsKept(response, shownAt, keptAt) {
  const folders = [shownAt, keptAt].map((address) => new URL(".", address).pathname);
  let text = (await response.text()).replace("<body ", '<body data-kept="" ');
  if (folders[0] !== folders[1]) {
    text = text.replace(RELATIVE, function (_, name, link) {
      return " " + name + '="' + new URL(link.replaceAll("&amp;", "&"), keptAt).href.replaceAll("&", "&amp;") + '"';
    });
  }
  return new Response(text, { headers: response.headers });
}
