// Answers for the site when there is no signal. What it keeps has the version of the data and of the
// program in its name, so that a new version replaces the old one whole.
"use strict";

const VERSION = {{ version|tojson }};
const KEPT = {{ kept|tojson }};
const OFFLINE = {{ offline|tojson }};
const PREFIX = "maenballo-";
const CACHE = PREFIX + VERSION;
const LANGUAGES = PREFIX + "languages";
const PATIENCE_MS = 5000;

const scope = self.registration.scope;
const absolute = (address) => new URL(address, scope).href;

async function keep(lang) {
  const set = KEPT[lang];
  if (!set) return;
  const cache = await caches.open(CACHE);
  const there = new Set((await cache.keys()).map((request) => request.url));
  const wanted = [...set.files, ...set.pages].map(absolute).filter((address) => !there.has(address));
  for (const address of wanted) {
    const response = await fetch(address);
    if (!response.ok) continue;
    await cache.put(address, response);
    if (!set.files.includes(address)) await keepScripts(cache, address);
  }
  const languages = await caches.open(LANGUAGES);
  await languages.put(absolute("languages/" + lang), new Response(lang));
}

// A page names the script that draws its map.
async function keepScripts(cache, page) {
  const text = await (await cache.match(page)).text();
  for (const [, source] of text.matchAll(/src="([^"]*map-[0-9a-f]+\.\w+\.js)"/g)) {
    const address = new URL(source, page).href;
    if (await cache.match(address)) continue;
    const response = await fetch(address);
    if (response.ok) await cache.put(address, response);
  }
}

async function keptLanguages() {
  const languages = await caches.open(LANGUAGES);
  return Promise.all((await languages.keys()).map(async (key) => (await languages.match(key)).text()));
}

self.addEventListener("install", function (event) {
  // What was kept before is fetched anew before the old version goes.
  event.waitUntil(keptLanguages().then((all) => Promise.all(all.map(keep))).then(() => self.skipWaiting()));
});

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE && name !== LANGUAGES);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("activate", function (event) {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

// What the version before was still answering may have opened its own once more since.
const isInCharge = () => self.serviceWorker && self.serviceWorker.state === "activated";

self.addEventListener("message", function (event) {
  if (!event.data || !event.data.keep) return;
  event.waitUntil(keep(event.data.keep).then(() => (isInCharge() ? forgetOthers() : null)));
});

const isNamedByContent = (url) =>
  (url.pathname.includes("/static/") && (url.searchParams.has("v") || /\.[0-9a-f]{12}\.\w+$/.test(url.pathname))) ||
  /\/(map|shops|days)-[0-9a-f]+\.\w+\.js(on)?$/.test(url.pathname);

async function fromCacheFirst(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request, { ignoreVary: true });
  if (found) return found;
  const response = await fetch(request);
  if (response.ok && !response.redirected) await cache.put(request, response.clone());
  return response;
}

// A kept page says that it is one, so that it does not speak of another day as of today (kept.js).
async function asKept(response) {
  const text = (await response.text()).replace("<body ", '<body data-kept="" ');
  return new Response(text, { headers: response.headers });
}

async function fromNetworkFirst(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok && response.type === "basic") await cache.put(request.url, response.clone());
    return response;
  } catch (error) {
    const url = new URL(request.url);
    const [last] = await keptLanguages();
    const lang = url.searchParams.get("lang") || last;
    const plain = url.origin + url.pathname;
    const index = plain.endsWith("/") ? plain + "index.html" : plain; // as files have it
    for (const address of [request.url, plain + "?lang=" + lang, plain, index, absolute(OFFLINE[lang] || OFFLINE.ko)]) {
      const found = await cache.match(address, { ignoreVary: true });
      if (found) return asKept(found);
    }
    throw error;
  }
}

self.addEventListener("fetch", function (event) {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(scope)) return;
  if (isNamedByContent(url)) event.respondWith(fromCacheFirst(request));
  else if (request.mode === "navigate") event.respondWith(fromNetworkFirst(request));
});
