// Answers for the site when there is no signal. What it keeps has the version of the data and of the program in
// its name, so that a new version replaces the old one whole. templates/sw.js writes both before this script.

import { answerFromCacheFirst, answerFromNetworkFirst, isNamedByContent } from "../worker/answers.js";
import { forgetOtherVersions, keepSite, listKeptLanguages } from "../worker/keeping.js";
import { worker } from "../worker/scope.js";

worker.addEventListener("install", function (event) {
  event.waitUntil(keepFiles());
});

/** Fetch anew what was kept before, and only then let the old version go. */
async function keepFiles() {
  await Promise.all((await listKeptLanguages()).map(keepSite));
  await worker.skipWaiting();
}

worker.addEventListener("activate", function (event) {
  event.waitUntil(forgetOtherVersions().then(() => worker.clients.claim()));
});

worker.addEventListener("message", function (event) {
  if (event.data && event.data.keep) event.waitUntil(keepForPage(event.data.keep));
});

/**
 * Keep a language for a page that asks for it.
 * @param {string} lang
 */
async function keepForPage(lang) {
  await keepSite(lang);
  // The version before may have opened its own cache once more, while it was still answering.
  if (worker.serviceWorker && worker.serviceWorker.state === "activated") await forgetOtherVersions();
}

worker.addEventListener("fetch", function (event) {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(worker.registration.scope)) return;
  if (isNamedByContent(url)) event.respondWith(answerFromCacheFirst(request));
  else if (request.mode === "navigate") event.respondWith(answerFromNetworkFirst(request));
});
