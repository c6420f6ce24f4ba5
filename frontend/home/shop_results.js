// The shops among what a search finds: one file for all of them, fetched when somebody types.

import { describeShop, fetchShops } from "../shops/fetching.js";
import { fillIn, formatCount } from "../text/numbers.js";
import { texts } from "./context.js";

/** @typedef {import("./results.js").Fits} Fits */
/** @typedef {import("./results.js").Group} Group */
/** @typedef {import("../shops/fetching.js").ShopList} ShopList */

const MOST_SHOPS = 4;

/** @type {ShopList | null} */
let shops = null;
/** Whether the shops could not be fetched when it was last tried. */
export let hasFailed = false;

/** Fetch the shops, if the city has any; after a failure the next letter tries again. */
export async function loadShops() {
  if (shops || !texts.shops) return;
  try {
    shops = await fetchShops(texts.shops);
    hasFailed = false;
  } catch {
    hasFailed = true;
  }
}

/**
 * Find shops: choosing one leads to its district, or to its place on the map where it lies in none.
 * @param {Fits} fits
 * @returns {Group}
 */
export function findShops(fits) {
  if (!shops) return { title: "", results: [] };
  const { districts, districtIds = [] } = shops;
  const matches = shops.shops.filter(([, , name]) => fits(name));
  const results = matches.slice(0, MOST_SHOPS).map((shop) => ({
    icon: "store",
    name: shop[2],
    note: districts[shop[5]] || "",
    act: () => showShop(shop, describeShop(/** @type {ShopList} */ (shops), shop), districtIds[shop[5]]),
  }));
  const words = { count: formatCount(matches.length, texts.lang), shown: formatCount(results.length, texts.lang) };
  const title = matches.length > results.length ? fillIn(texts.shopsSome, words) : texts.shopsTitle || "";
  return { title: title, results: results };
}

/**
 * Show a shop: on the page of its district, or on the map where it lies in none.
 * @param {import("../shops/fetching.js").Shop} shop
 * @param {string} text its name and the vouchers that it takes
 * @param {string | undefined} districtId undefined for a shop in no district
 */
function showShop([lon, lat, name, , payments], text, districtId) {
  if (districtId === undefined) {
    return window.maenballo.markShop({ id: name, name: text, lon: lon, lat: lat, takesVouchers: Boolean(payments) });
  }
  const address = new URL(window.maenballo.addressOf("districts", districtId), location.href);
  address.searchParams.set("shop", name);
  location.assign(address);
}
