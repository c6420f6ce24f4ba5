// What a pass finds before it places anything: what is taken already, and how large texts are.

import { toLatLng } from "../map/state.js";
import { surroundings, view } from "../map/view.js";
import { Boxes, boxAround } from "./boxes.js";
import { getTextSizes } from "./texts.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {{ shop: ShopDot, at: L.LatLng, point: L.Point, isMarked: boolean }} ShopOnScreen */

const EDGE = 2; // pixels that nothing comes nearer to the edge of the map
const SHOP_REACH = 8, MARKED_SHOP_REACH = 15, ORIGIN_REACH = 13; // pixels
const TOOLS_GAP = 16; // pixels between the tools and a pill

/**
 * Find what is taken before pins and names are placed: by what covers the map, by shops, by where one asks from.
 * @param {L.Map} map
 * @param {(place: L.LatLng) => L.Point} [toPixel] of a view that is not shown
 */
export function createGround(map, toPixel = (place) => map.latLngToContainerPoint(place)) {
  const size = map.getSize();
  /** @param {Box} box */
  const isInside = (box) => box[0] >= EDGE && box[1] >= EDGE && box[2] <= size.x - EDGE && box[3] <= size.y - EDGE;
  const sizes = getTextSizes(map);
  const covers = listTakenBoxes(map);
  const boxes = new Boxes(covers), covered = new Boxes(covers);
  /** @param {Box} box */
  const isReachable = (box) => isInside(box) && covered.isFree(box);
  const tools = new Boxes(listToolBoxes(map));
  /** @param {Box} box */
  const isClear = (box) => isReachable(box) && tools.isFree(box);
  const shops = listShops(size, toPixel);
  for (const { point, isMarked } of shops) boxes.take(boxAround(point, isMarked ? MARKED_SHOP_REACH : SHOP_REACH));
  if (view.from) boxes.take(boxAround(toPixel(toLatLng([view.from.lon, view.from.lat])), ORIGIN_REACH));
  return { boxes, isClear, isInside, isReachable, shops, sizes };
}

/**
 * List the shops of the page that are in sight.
 * @param {L.Point} size of the map
 * @param {(place: L.LatLng) => L.Point} toPixel
 * @returns {ShopOnScreen[]}
 */
function listShops(size, toPixel) {
  const { markedShop, shops } = surroundings;
  const all = markedShop && !shops.some(({ id }) => id === markedShop.id) ? [...shops, markedShop] : shops;
  return all.flatMap(function (shop) {
    const at = toLatLng([shop.lon, shop.lat]);
    const point = toPixel(at);
    const isSeen = point.x >= 0 && point.y >= 0 && point.x <= size.x && point.y <= size.y;
    return isSeen ? [{ shop, at, point, isMarked: shop.id === markedShop?.id }] : [];
  });
}

/**
 * List the boxes that nothing may lie in: what covers the map's edges, what floats on it, and its own controls.
 * @param {L.Map} map
 * @returns {Box[]}
 */
function listTakenBoxes(map) {
  const { x: width, y: height } = map.getSize();
  const { top, right, bottom, left } = surroundings.insets;
  const container = map.getContainer();
  const origin = container.getBoundingClientRect();
  const controls = container.querySelectorAll(".leaflet-control, .cluster");
  const elements = [...surroundings.takenElements, ...controls].map((element) => measureBox(element, origin));
  /** @type {Box[]} */
  const edges = [[0, 0, width, top], [width - right, 0, width, height], [0, height - bottom, width, height], [0, 0, left, height]];
  return [...edges, ...elements].filter((box) => box[2] > box[0] && box[3] > box[1]);
}

/**
 * List the boxes around the tools that are free of pills, which would look like more of them.
 * @param {L.Map} map
 * @returns {Box[]}
 */
function listToolBoxes(map) {
  const container = map.getContainer();
  const origin = container.getBoundingClientRect();
  return Array.from(container.querySelectorAll(".map-tools"), (tools) => measureBox(tools, origin, TOOLS_GAP));
}

/**
 * Measure the box of an element in pixels of the map's container.
 * @param {Element} element
 * @param {DOMRect} origin of the container
 * @param {number} [gap] pixels around it
 * @returns {Box}
 */
function measureBox(element, origin, gap = 0) {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return [left - origin.left - gap, top - origin.top - gap, right - origin.left + gap, bottom - origin.top + gap];
}
