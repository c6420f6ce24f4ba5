// What stands in the marks: pictures, numbers, names. Text from files enters them as textContent only.

import { createElement } from "../dom.js";
import { drawPictogram, PICTOGRAMS } from "../map/pictograms.js";
import { markKorean } from "../text/scripts.js";

/** @typedef {import("./drawing.js").Mark} Mark */
/** @typedef {import("./pins.js").Pin} Pin */

/**
 * Create the pill of a trail: its number, and how long one walks to it.
 * @param {Pin} pin
 */
export function createPill({ rank, ranked }) {
  const pill = createElement("span", "pin-pill");
  // The words keep their own direction beside the number.
  pill.append(createElement("b", "pin-rank", String(rank)), " ", createElement("bdi", "", ranked ? ranked.text : ""));
  return pill;
}

/**
 * Create the pin of a trail, which is a dot where there is no room, and has their number where it stands for several.
 * @param {Pin} pin
 */
export function createPin({ look, members }) {
  const pin = createElement("span", look === "dot" ? "pin-dot" : look === "group" ? "pin pin-group" : "pin");
  if (look !== "dot") pin.append(drawPictogram("trail"));
  if (members) pin.append(createElement("b", "", String(members.length)));
  return pin;
}

/** Create the drop of the chosen trail. */
export function createDrop() {
  const drop = createElement("span", "pin-drop");
  drop.append(drawPictogram("trail"));
  return drop;
}

/**
 * Create the mark of a facility.
 * @param {import("./facilities.js").Spot} spot
 * @param {((pick: PickedFeature) => void) | null} press
 * @returns {Mark}
 */
export function createSpot({ feature, isSmall, options, stands }, press) {
  const { kind = "", name } = feature.properties;
  const known = PICTOGRAMS[kind] ? kind : "other";
  return {
    key: "spot " + options.id + " " + feature.id,
    at: stands,
    pane: "facilities",
    size: isSmall && !press ? 14 : 32,
    className: "icon-box" + (isSmall ? " spot-small" : ""),
    content() {
      const spot = createElement("span", "facility facility-" + known);
      spot.append(drawPictogram(kind));
      return spot;
    },
    sign: known + isSmall,
    color: options.icon ? [options.icon, options.onIcon] : null,
    label: press ? name : "",
    order: isSmall ? -200 : -100,
    press: press && (() => press({ role: options.role, layer: options.id, id: feature.id })),
  };
}

/**
 * Create the dot of a shop: filled where it takes vouchers.
 * @param {ShopDot} shop
 * @param {L.LatLng} at
 * @param {boolean} isMarked
 * @param {(pick: PickedFeature) => void} press
 * @returns {Mark}
 */
export function createShop(shop, at, isMarked, press) {
  return {
    key: "shop " + shop.id,
    at: at,
    pane: "facilities",
    size: 24,
    className: "shop-box" + (shop.takesVouchers ? "" : " shop-without") + (isMarked ? " shop-marked" : ""),
    content: () => createElement("span", "shop-dot"),
    sign: "",
    color: null,
    label: shop.name,
    order: isMarked ? 2000 : shop.takesVouchers ? 10 : 0,
    press: () => press({ role: "shops", layer: "", id: shop.id }),
    isSkipped: true, // by the Tab key: the list beside the map has them all
  };
}

/**
 * Create a name.
 * @param {{ className: string, key: string, text: string }} name
 * @param {L.LatLng} at
 * @returns {Mark}
 */
export function createName({ className, key, text }, at) {
  return {
    key: key,
    at: at,
    pane: "names",
    size: 0,
    className: "name " + className,
    content: () => markKorean(createElement("span", "name-text", text)),
    sign: text,
    color: null,
    label: "",
    order: 0,
    press: null,
  };
}

/**
 * Create a name of the ground, along what it names.
 * @param {import("./pass.js").GroundName} name
 * @returns {Mark}
 */
export function createGroundName({ angle_deg, at, key, text }) {
  const name = createName({ className: "name-ground", key, text }, at);
  return {
    ...name,
    content() {
      const element = name.content();
      element.style.transform = `translate(-50%, -50%) rotate(${angle_deg}deg)`;
      return element;
    },
    sign: text + angle_deg,
    order: -100,
  };
}
