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
 * @property {string[]} districtIds in the same order
 * @property {string[]} payments
 * @property {string} takes
 * @property {string} takesNone
 * @property {string} takesUnknown
 */

/** @type {Record<string, Promise<ShopList>>} */
const shopLists = {};

/**
 * Fetch the shops, once for all who ask. What has failed is not remembered: who asks next tries again.
 * @param {string} address
 * @throws {Error} the file could not be fetched, or is not whole
 */
export function fetchShops(address) {
  const list = shopLists[address] || requestShops(address);
  shopLists[address] = list;
  list.catch(() => delete shopLists[address]);
  return list;
}

/**
 * Write the name of a shop with the vouchers that it takes, or that it takes none, or that nobody knows.
 * @param {ShopList} list
 * @param {Shop} shop
 */
export function describeShop({ payments: kinds, takes, takesNone, takesUnknown }, [, , name, , payments]) {
  if (payments === null) return [name, takesUnknown].filter(Boolean).join(" · ");
  const taken = kinds.filter((_, bit) => payments & 2 ** bit);
  return `${name} · ${taken.length ? takes + ": " + taken.join(", ") : takesNone}`;
}

/** @param {string} address */
async function requestShops(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}
