// The one shop that a page has marked.

import { isCalm } from "../dom.js";
import { moveWhenStill } from "./fitting.js";
import { refreshNow } from "./refreshing.js";
import { getMap, toLatLng } from "./state.js";
import { surroundings } from "./view.js";

const NEAR_ZOOM = 17, NEARER_ZOOM = 17.5; // from where a shop can be told from its neighbours, and where it is shown

/**
 * Mark one shop, and bring it into sight.
 * @param {ShopDot | null} shop
 */
export function markShop(shop) {
  const map = getMap();
  surroundings.markedShop = shop;
  if (map && shop) {
    const at = toLatLng([shop.lon, shop.lat]);
    const isSeen = map.getBounds().pad(-0.22).contains(at) && map.getZoom() >= NEAR_ZOOM;
    if (!isSeen) moveWhenStill(map, () => map.setView(at, Math.max(NEARER_ZOOM, map.getZoom()), { animate: !isCalm }));
  }
  refreshNow();
}
