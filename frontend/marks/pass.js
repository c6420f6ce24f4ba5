// One pass after each move: pins, pills, facilities and names, in order of rank, none on another.

import { isOpenKind, labelTrail, surroundings, view } from "../map/view.js";
import { projectInto } from "../map/views.js";
import { Boxes } from "./boxes.js";
import { createDrop, createGroundName, createName, createPill, createPin, createShop, createSpot } from "./contents.js";
import { drawMarks } from "./drawing.js";
import { placeFacilities } from "./facilities.js";
import { listOtherNames, listTrailNames, placeNames } from "./names.js";
import { createGround } from "./ground.js";
import { gatherTrails, placeGroups } from "./groups.js";
import { placeDrop, placePins } from "./pins.js";
import { listLineBoxes, listOutlines, listTrails } from "./scene.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./drawing.js").Mark} Mark */
/** A name of the ground with the boxes that it needs. @typedef {{ key: string, at: L.LatLng, text: string, angle_deg: number, point: L.Point, boxes: Box[] }} GroundName */

const SAME_NAME = 400; // pixels between two names of one street

/**
 * Place and draw everything that marks a place.
 * @param {L.Map} map
 * @param {{ areNamesLater: boolean, hasAllFacilities: boolean, areasFirst: boolean, press: (pick: PickedFeature) => void, pressGroup: (ids: string[]) => void,
 *   areFacilitiesPressed: boolean }} options
 */
export function placeMarks(map, options) {
  const size = map.getSize();
  if (!size.x || !size.y) return;
  const { boxes, isClear, isInside, isReachable, shops, sizes } = createGround(map);
  const trails = listTrails(map);
  const lines = new Boxes(listLineBoxes(map, trails));
  /** @param {Drawing} drawing */
  const goesFirst = ({ role }) => options.areasFirst && role === "neighborhoods";
  const areas = placeNames(listOtherNames(map, goesFirst), boxes, lines, sizes, isInside, { areNeeded: true });
  const others = listOtherNames(map, (drawing) => drawing.role !== "trails" && !goesFirst(drawing));
  // The area that a page is about has its name whatever the pins need, which step down for it.
  areas.push(...placeNames(others.filter(({ isNeeded }) => isNeeded), boxes, lines, sizes, isInside));

  const chosen = trails.find(({ feature }) => feature.id === view.chosen);
  const drop = chosen ? placeDrop(chosen, boxes) : null;
  const spots = placeFacilities(map, drop, boxes, options.hasAllFacilities);
  const { groups, single } = gatherTrails(options.areasFirst ? [] : trails, map.getZoom());
  const pins = [
    ...(drop ? [drop] : []),
    ...placePins(options.areasFirst ? trails : single, boxes, sizes, isReachable, options.areasFirst, isClear, (box) => lines.isFree(box)),
    ...placeGroups(groups, boxes, sizes, isReachable, (point) => map.containerPointToLatLng(point)),
  ];
  const names = options.areNamesLater ? [] : [
    ...listShopNames(shops),
    ...listTrailNames(map, pins),
    ...others.filter(({ isNeeded }) => !isNeeded),
  ].sort((one, other) => Number(other.isFirst || false) - Number(one.isFirst || false));
  const borders = new Boxes(names.length ? listLineBoxes(map, listOutlines(map)) : []);
  const placed = [...areas, ...placeNames(names, boxes, lines, sizes, isInside, { borders })];
  /** @type {GroundName[]} */
  const ground = [];
  for (const name of surroundings.listGround && !options.areNamesLater ? surroundings.listGround() : []) {
    if (!name.boxes.every((box) => isInside(box) && boxes.isFree(box) && lines.isFree(box))) continue;
    if (ground.some(({ point, text }) => text === name.text && point.distanceTo(name.point) < SAME_NAME)) continue;
    name.boxes.forEach((box) => boxes.take(box));
    ground.push(name);
  }

  drawMarks(map, [
    ...pins.map((pin) => markPin(pin, options)),
    ...spots.map((spot) => createSpot(spot, options.areFacilitiesPressed ? options.press : null)),
    ...shops.map(({ shop, isMarked, at }) => createShop(shop, at, isMarked, options.press)),
    ...placed.map((name) => createName(name, map.containerPointToLatLng(name.middle))),
    ...ground.map(createGroundName),
  ], spots);
}

/**
 * Create the mark of a trail in the look for which there was room.
 * @param {import("./pins.js").Pin} pin
 * @param {{ press: (pick: PickedFeature) => void, pressGroup: (ids: string[]) => void }} presses
 * @returns {Mark}
 */
function markPin(pin, { press, pressGroup }) {
  const { feature, kind, look, members, options, ranked } = pin;
  const ids = members?.map((each) => each.feature.id);
  const create = look === "drop" ? createDrop : look === "pill" ? createPill : createPin;
  return {
    key: "pin " + options.id + " " + feature.id,
    at: pin.at,
    pane: "pins",
    size: look === "dot" ? 12 : 44,
    className: `pin-box look-${look} ${pin.side} kind-${kind} ${isOpenKind(kind) ? "" : "kind-not-open"}`,
    content: () => create(pin),
    sign: [look, pin.side, kind, ranked ? ranked.text : "", pin.rank, ids?.length].join(" "),
    color: null, // the map has that of all trails
    label: look === "dot" ? "" : members ? labelGroup(members) : labelTrail(feature),
    order: { drop: 2000, pill: 1000 - 10 * pin.rank, pin: 0, group: 0, dot: -500 }[look],
    press: look === "dot" ? null : () => (ids ? pressGroup(ids) : press({ role: options.role, layer: options.id, id: feature.id })),
  };
}

/**
 * Write what a screen reader says of a group: how many trails, and what it says of each.
 * @param {import("./scene.js").TrailOnScreen[]} members
 */
function labelGroup(members) {
  return surroundings.groupText.replace("{count}", String(members.length)) + " " + members.map(({ feature }) => labelTrail(feature)).join("; ");
}

/**
 * List the names of shops: of the one that is marked, and of those that take vouchers.
 * @param {import("./ground.js").ShopOnScreen[]} shops
 * @returns {import("./names.js").Name[]}
 */
function listShopNames(shops) {
  const named = shops.filter(({ shop, isMarked }) => isMarked || shop.takesVouchers);
  named.sort((one, other) => Number(other.isMarked) - Number(one.isMarked));
  return named.map(({ shop, isMarked, point }) => ({
    key: "name shops " + shop.id,
    text: shop.name,
    role: isMarked ? "trails" : "shops",
    className: isMarked ? "name-trails" : "name-shops",
    point: point,
    beside: isMarked ? 20 : 12,
    isNeeded: isMarked,
  }));
}

/**
 * Count the pills that would find room in a view that is not shown.
 * @param {L.Map} map
 * @param {import("../map/views.js").View} tried
 */
export function countPills(map, tried) {
  const toPixel = projectInto(map, tried);
  const { boxes, isClear, isReachable, sizes } = createGround(map, toPixel);
  return placePins(listTrails(map, toPixel), boxes, sizes, isReachable, false, isClear).filter(({ look }) => look === "pill").length;
}
