// The card of a shop.

import { createElement } from "../dom.js";

/**
 * Create the card of a shop.
 * @param {import("./fetching.js").ShopList} list
 * @param {import("./fetching.js").Shop} shop
 */
export function createShopCard(list, [, , name, kind, payments, district]) {
  const card = createElement("div", "card");
  const place = [list.kinds[kind], list.districts[district]].filter(Boolean).join(" · ");
  card.append(createElement("strong", "card-name", name), createElement("p", "card-place", place));
  if (payments === null) {
    // No word is not a no.
    if (list.takesUnknown) card.append(createElement("p", "state", list.takesUnknown));
    return card;
  }
  const certificates = list.payments.filter((_, bit) => payments & (1 << bit));
  const text = certificates.length ? list.takes + ": " + certificates.join(" · ") : list.takesNone;
  card.append(createElement("p", "state state-" + (certificates.length ? "open" : "closed"), text));
  return card;
}
