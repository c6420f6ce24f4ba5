// What is kept on the telephone: pages in all languages, what they load, and the shops, up to a limit.

import { CACHE, LANGUAGES, isBackdrop, isNamedByContent, listOtherCaches, makeAbsolute } from "./scope.js";

const LINK = /\s(?:href|src|data-[\w-]+)="([^"]+)"/g;

/** Keeps what is not there yet, one after another; what fails is left for the next time. */
class Keeper {
  /** @param {Cache} cache */
  constructor(cache) {
    this.cache = cache;
    this.sizeBytes = 0;
    this.isWhole = true;
    /** @type {Set<string>} */
    this.known = new Set();
  }

  /** Read what is there already. */
  async count() {
    for (const request of await this.cache.keys()) {
      this.known.add(request.url);
      if (isBackdrop(new URL(request.url))) continue; // it has a limit of its own
      const response = await this.cache.match(request);
      if (response) this.sizeBytes += (await response.clone().blob()).size;
    }
  }

  /**
   * Keep a page or a file, unless it is there, is too large, or does not come.
   * @param {string} address
   */
  async keep(address) {
    if (this.known.has(address) || this.sizeBytes > LIMIT_BYTES) return;
    try {
      const response = await fetch(address);
      // The server is not well: it is asked again another time. What is not there will not be there then.
      if (response.status >= 500) throw new Error(String(response.status));
      this.known.add(address);
      if (!response.ok || response.redirected) return;
      const { size } = await response.clone().blob();
      if (this.sizeBytes + size > LIMIT_BYTES) return;
      await this.cache.put(address, response);
      this.sizeBytes += size;
    } catch {
      this.isWhole = false; // one failure spoils nothing else
    }
  }

  /**
   * Keep the tiles of the streets whole; the server names them only where they are small enough.
   * @param {string} address
   */
  async keepBackdrop(address) {
    if (this.known.has(address)) return;
    try {
      const response = await fetch(address);
      if (response.status >= 500) throw new Error(String(response.status));
      if (response.status === 200) await this.cache.put(address, response);
    } catch {
      this.isWhole = false;
    }
  }

  /**
   * Keep a page with the scripts, styles and pictures that it names; the shops have a limit of their own.
   * @param {string} address
   */
  async keepPage(address) {
    await this.keep(address);
    const page = await this.cache.match(address, { ignoreVary: true });
    if (!page || !(page.headers.get("Content-Type") || "").startsWith("text/html")) return;
    for (const [, link] of (await page.text()).matchAll(LINK)) {
      const url = new URL(link.replaceAll("&amp;", "&"), address);
      if (isNamedByContent(url) && !/\/shops-[^/]+$/.test(url.pathname)) await this.keep(url.href);
    }
  }
}

/**
 * Keep the site, in the reader's language first; without languages only the page that says that there is no signal.
 * @param {string[]} languages
 * @returns {Promise<boolean>} whether all of it has come
 */
export async function keepSite(languages) {
  const keeper = new Keeper(await caches.open(CACHE));
  await keeper.count();
  for (const address of Object.values(OFFLINE)) await keeper.keepPage(makeAbsolute(address));
  for (const lang of languages) {
    const { files, pages } = KEPT[lang] || { files: [], pages: [] };
    for (const address of files) await keeper.keep(makeAbsolute(address));
    for (const address of pages) await keeper.keepPage(makeAbsolute(address));
  }
  if (BACKDROP && languages.length) await keeper.keepBackdrop(makeAbsolute(BACKDROP)); // the largest comes last
  return keeper.isWhole;
}

/**
 * Order all languages of the site, that of the reader first.
 * @param {string} lang
 */
export function orderLanguages(lang) {
  return [lang, ...Object.keys(KEPT).filter((other) => other !== lang)];
}

/**
 * Remember the language that somebody reads.
 * @param {string} lang
 */
export async function rememberLanguage(lang) {
  const cache = await caches.open(LANGUAGES);
  const address = makeAbsolute("languages/" + lang);
  await cache.delete(address); // so that it becomes the last of them
  await cache.put(address, new Response(lang));
}

/** Return the language that was read last; empty where nothing was kept yet. */
export async function findLastLanguage() {
  const cache = await caches.open(LANGUAGES);
  const last = [...(await cache.keys())].pop();
  const response = last && (await cache.match(last));
  return response ? response.text() : "";
}

/**
 * Delete what other versions have kept; until this one has all, the last of them stays.
 * @param {boolean} isWhole
 */
export async function forgetOtherVersions(isWhole) {
  const names = await listOtherCaches();
  const old = isWhole ? names : names.slice(0, -1);
  await Promise.all(old.map((name) => caches.delete(name)));
}
