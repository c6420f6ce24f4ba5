// The names of all areas of a map that is about them: each beside its area with a line where it has no room on it.

import { createElement } from "../dom.js";
import { Boxes } from "../marks/boxes.js";

/** @typedef {import("../marks/boxes.js").Box} Box */

/** How far a name moves at most, and by how much at a time, in pixels; in how many directions it tries. */
const FARTHEST = 420, STEP = 9, DIRECTIONS = 32;
/** A name that has moved farther has a line to its area. */
const BESIDE = 24;
const GAP = 1;

/**
 * Name all areas of a layer, and place the names anew after each move of the map.
 * @param {L.Map} map
 * @param {DrawnLayer} layer
 */
export function nameAreas(map, layer) {
  layer.options.namesFrom = null; // the map's own names leave out those that find no room
  const group = L.layerGroup().addTo(map);
  const areas = Object.values(layer.byId).flatMap(({ feature, at }) => (at ? [{ feature, at }] : []));
  const place = () => placeNames(map, group, areas);
  map.on("moveend zoomend resize", place);
  // Large text is switched on.
  addEventListener("resize", place);
  place();
}

/**
 * Place all names, those of the areas with the nearest neighbours first: they have the least room.
 * @param {L.Map} map
 * @param {L.LayerGroup} group
 * @param {{ feature: Feature, at: LonLat }[]} areas
 */
function placeNames(map, group, areas) {
  group.clearLayers();
  const names = areas.map(({ feature, at }) => {
    const element = createElement("span", "area-name", feature.properties.name);
    return { element, point: map.latLngToContainerPoint(window.maenballo.toLatLng(at)), size: measure(map, element) };
  });
  /** @param {L.Point} point */
  const isolation = (point) => Math.min(...names.filter((each) => each.point !== point).map((each) => each.point.distanceTo(point)));
  names.sort((a, b) => isolation(a.point) - isolation(b.point));
  const { x: width, y: height } = map.getSize();
  const taken = new Boxes(listTools(map));
  for (const { element, point, size } of names) {
    if (point.x < 0 || point.y < 0 || point.x > width || point.y > height) continue; // out of sight
    const places = listPlaces(point, size);
    const isInside = (/** @type {Box} */ box) => box[0] >= 0 && box[1] >= 0 && box[2] <= width && box[3] <= height;
    // Where there is no room at all, a name lies on others: it is on the map in any case.
    const box = places.find((each) => isInside(each) && taken.isFree(each)) || places[0];
    taken.take(box);
    const middle = L.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
    drawName(map, group, element, middle, point);
  }
}

/**
 * List the boxes in which a name may stand: on its area, then in wider and wider rings around it.
 * @param {L.Point} point
 * @param {L.Point} size
 * @returns {Box[]}
 */
function listPlaces({ x, y }, size) {
  const halfWidth = size.x / 2 + GAP, halfHeight = size.y / 2 + GAP;
  const shifts = [[0, 0]];
  for (let reach = STEP; reach <= FARTHEST; reach += STEP) {
    for (let turn = 0; turn < DIRECTIONS; turn++) {
      const angle = (2 * Math.PI * turn) / DIRECTIONS;
      shifts.push([reach * Math.cos(angle), reach * Math.sin(angle)]);
    }
  }
  return shifts.map(([dx, dy]) => [x + dx - halfWidth, y + dy - halfHeight, x + dx + halfWidth, y + dy + halfHeight]);
}

/**
 * Draw a name, with a line to its area where it stands aside.
 * @param {L.Map} map
 * @param {L.LayerGroup} group
 * @param {HTMLElement} element
 * @param {L.Point} middle
 * @param {L.Point} point
 */
function drawName(map, group, element, middle, point) {
  const at = map.containerPointToLatLng(middle);
  if (middle.distanceTo(point) > BESIDE) {
    // Below all names, in the pane of areas.
    const options = { interactive: false, className: "area-leader" }, area = map.containerPointToLatLng(point);
    group.addLayer(L.polyline([at, area], options)).addLayer(L.circleMarker(area, { ...options, radius: 3 }));
  }
  const icon = L.divIcon({ html: element, className: "area-name-box", iconSize: [0, 0] });
  group.addLayer(L.marker(at, { pane: "names", interactive: false, icon: icon, keyboard: false }));
}

/**
 * Return how large a name is drawn, in pixels.
 * @param {L.Map} map
 * @param {HTMLElement} element
 */
function measure(map, element) {
  const box = createElement("div", "area-name-box");
  box.append(element);
  map.getContainer().append(box);
  const { offsetWidth, offsetHeight } = element;
  box.remove();
  return L.point(offsetWidth, offsetHeight);
}

/**
 * List what floats on the map.
 * @param {L.Map} map
 * @returns {Box[]}
 */
function listTools(map) {
  const container = map.getContainer();
  const { left: mapLeft, top: mapTop } = container.getBoundingClientRect();
  return Array.from(container.querySelectorAll(".leaflet-control"), function (control) {
    const { left, top, right, bottom } = control.getBoundingClientRect();
    return [left - mapLeft, top - mapTop, right - mapLeft, bottom - mapTop];
  });
}
