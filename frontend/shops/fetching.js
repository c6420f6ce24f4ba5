// The shops of the city: one compact file, fetched when it is wanted.

/**
 * Of a shop: what it takes is a bit for each kind of payment, and null when it does not say.
 * @typedef {[lon: number, lat: number, name: string, kind: number, payments: number | null, district: number]} Shop
 */
/**
 * What mapserver/web/rendering.py writes: the shops, and the words that their numbers stand for.
 * @typedef {object} ShopList
 * @property {Shop[]} shops
 * @property {string[]} kinds
 * @property {string[]} districts
 * @property {string[]} payments
 * @property {string} takes
 * @property {string} takesNone
 * @property {string} takesUnknown
 */

/** @type {Record<string, Promise<ShopList>>} */
const shopLists = {};

/**
 * Fetch the shops, once for all who ask.
 * @param {string} address
 */
export function fetchShops(address) {
  shopLists[address] = shopLists[address] || fetch(address).then((response) => response.json());
  return shopLists[address];
}
