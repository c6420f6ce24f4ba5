// What pages ask of the map; frontend/types.d.ts says what each does.

import { drawOrigin } from "./origin.js";
import { placeAgain, refreshSoon } from "./refreshing.js";
import { getMap } from "./state.js";
import { surroundings, view } from "./view.js";

/** @param {Partial<MapView>} change */
export function setView(change) {
  Object.assign(view, change);
  const map = getMap();
  if (map) drawOrigin(map);
  placeAgain();
  refreshSoon();
}

/**
 * @param {Partial<Insets>} insets
 * @param {Element[]} [takenElements]
 */
export function setInsets(insets, takenElements) {
  Object.assign(surroundings.insets, insets);
  if (takenElements) surroundings.takenElements = takenElements;
  // Controls follow what covers the map (map.css). On the map itself, each of its marks would be styled anew.
  /** @type {NodeListOf<HTMLElement> | undefined} */
  const corners = getMap()?.getContainer().querySelectorAll(".leaflet-control-container > *");
  for (const [side, width] of Object.entries(surroundings.insets)) {
    for (const { style } of corners || []) style.setProperty("--inset-" + side, width + "px");
  }
  refreshSoon();
}

/** @param {ShopDot[]} shops */
export function setShops(shops) {
  surroundings.shops = shops;
  const { markedShop } = surroundings;
  if (markedShop && !shops.some(({ id }) => id === markedShop.id)) surroundings.markedShop = null;
  refreshSoon();
}

/** @param {() => import("../marks/pass.js").GroundName[]} listGround */
export function setGround(listGround) {
  surroundings.listGround = listGround;
  refreshSoon();
}

/** Show what is next to the middle a little larger. */
export function zoomIn() {
  const map = getMap();
  if (map) map.zoomIn();
}

/** Show more around. */
export function zoomOut() {
  const map = getMap();
  if (map) map.zoomOut();
}
