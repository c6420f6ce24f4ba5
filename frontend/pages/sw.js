// Answers for the site when there is no signal. What it keeps has the version of the data and of the program in
// its name, so that a new version replaces the old one whole. templates/sw.js writes both before this script.

import { answerFromCacheFirst, answerFromNetworkFirst } from "../worker/answers.js";
import { answerRange } from "../worker/backdrop.js";
import { findLastLanguage, forgetOtherVersions, keepSite, orderLanguages, rememberLanguage } from "../worker/keeping.js";
import { isBackdrop, isNamedByContent, isOfInspectors, worker } from "../worker/scope.js";

let isWhole = false; // whether all of this version has come

worker.addEventListener("install", function (event) {
  event.waitUntil(keepFiles());
});

/** Fetch anew what was kept before; whatever fails is fetched later, and the version before stays until then. */
async function keepFiles() {
  const lang = await findLastLanguage();
  isWhole = await keepSite(lang ? orderLanguages(lang) : []).catch(() => false);
  await worker.skipWaiting();
}

worker.addEventListener("activate", function (event) {
  event.waitUntil(forgetOtherVersions(isWhole).then(() => worker.clients.claim()));
});

worker.addEventListener("message", function (event) {
  if (event.data && event.data.keep) event.waitUntil(keepForPage(event.data.keep));
});

/**
 * Keep the site for a page that asks for it, in its language first.
 * @param {string} lang
 */
async function keepForPage(lang) {
  isWhole = await keepSite(orderLanguages(lang)).catch(() => false);
  await rememberLanguage(lang);
  // The version before may have opened its own cache once more, while it was still answering.
  if (worker.serviceWorker && worker.serviceWorker.state === "activated") await forgetOtherVersions(isWhole);
}

worker.addEventListener("fetch", function (event) {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(worker.registration.scope)) return;
  if (isOfInspectors(url)) return;
  if (isBackdrop(url)) event.respondWith(answerRange(request));
  else if (isNamedByContent(url)) event.respondWith(answerFromCacheFirst(request));
  else if (request.mode === "navigate") event.respondWith(answerFromNetworkFirst(event));
});
