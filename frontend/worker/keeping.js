// What is kept on the telephone: pages and files of the languages that somebody has read.

import { CACHE, LANGUAGES, isOtherVersion, makeAbsolute } from "./scope.js";

/**
 * Keep the site in a language: what of it is not there yet.
 * @param {string} lang
 */
export async function keepSite(lang) {
  const site = KEPT[lang];
  if (!site) return;
  const cache = await caches.open(CACHE);
  const keptAddresses = new Set((await cache.keys()).map((request) => request.url));
  for (const address of [...site.files, ...site.pages].map(makeAbsolute)) {
    if (keptAddresses.has(address)) continue;
    const response = await fetch(address);
    if (!response.ok) continue;
    await cache.put(address, response);
    await keepMapScripts(cache, address);
  }
  const languages = await caches.open(LANGUAGES);
  await languages.put(makeAbsolute("languages/" + lang), new Response(lang));
}

/**
 * Keep the scripts that draw the maps of a page, which names them.
 * @param {Cache} cache
 * @param {string} address of the page
 */
async function keepMapScripts(cache, address) {
  const page = await cache.match(address);
  if (!page || !(page.headers.get("Content-Type") || "").startsWith("text/html")) return;
  for (const [, source] of (await page.text()).matchAll(/src="([^"]*map-[0-9a-f]+\.\w+\.js)"/g)) {
    const script = new URL(source, address).href;
    if (await cache.match(script)) continue;
    const response = await fetch(script);
    if (response.ok) await cache.put(script, response);
  }
}

/** List the languages that are kept, in any version. */
export async function listKeptLanguages() {
  const cache = await caches.open(LANGUAGES);
  const responses = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
  return Promise.all(responses.map((response) => (response ? response.text() : "")));
}

/** Delete what other versions have kept. */
export async function forgetOtherVersions() {
  const names = await caches.keys();
  await Promise.all(names.filter(isOtherVersion).map((name) => caches.delete(name)));
}
