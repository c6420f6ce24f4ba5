// Cards that open on a tap, and names under the pointer.
// One popup and one tooltip serve all: bound tooltips would make every shape a stop for the Tab key.

import { createElement } from "../dom.js";
import { createCard } from "./cards.js";

const NARROW = 600; // pixels; a map that is not as wide is on a telephone

/**
 * Open the card of a feature.
 * @param {string} layerId
 * @param {string} featureId
 * @param {L.LatLng} [at] where; the place of its name by default
 */
export function openCard(layerId, featureId, at) {
  const { layers, toLatLng } = window.maenballo;
  const layer = layers[layerId];
  const entry = layer && layer.byId[featureId];
  const map = layer && getMap(layer.group);
  if (!entry || !map) return;
  const place = at || (entry.at && toLatLng(entry.at));
  if (!place) return;
  L.popup(choosePopupSize(map.getSize())).setLatLng(place).setContent(createCard(entry.feature, layer.options)).openOn(map);
}

/**
 * Return the sizes of a popup: between the controls on a telephone, and never taller than the map.
 * @param {L.Point} size of the map
 * @returns {L.PopupOptions}
 */
function choosePopupSize(size) {
  const isNarrow = size.x < NARROW;
  return {
    maxWidth: isNarrow ? size.x - 150 : 320,
    minWidth: isNarrow ? size.x - 150 : 220,
    maxHeight: Math.max(120, size.y - 70),
    autoPanPaddingTopLeft: isNarrow ? [62, 12] : [70, 24],
    autoPanPaddingBottomRight: isNarrow ? [62, 12] : [70, 24],
  };
}

/**
 * Open cards on a tap, and show names under a mouse.
 * @param {L.FeatureGroup} group
 * @param {Drawing} options
 */
export function listenForPointer(group, options) {
  const tooltip = L.tooltip({ className: "map-tooltip", sticky: true, direction: "top", offset: [0, -6] });
  group.on("click", function (event) {
    const feature = getFeature(event);
    const map = getMap(group);
    if (!feature || !map) return;
    L.DomEvent.stopPropagation(event);
    window.maenballo.pick({ role: options.role, layer: options.id, id: feature.id }, event.latlng);
  });
  group.on("mouseover mousemove", function (event) {
    const feature = getFeature(event);
    const map = getMap(group);
    if (!feature || !map || !matchMedia("(hover: hover)").matches) return;
    const { latlng } = /** @type {L.LeafletMouseEvent} */ (event);
    tooltip.setContent(createElement("span", "", feature.properties.name)).setLatLng(latlng);
    map.openTooltip(tooltip);
  });
  group.on("mouseout remove", () => tooltip.remove());
}

/**
 * Return the map that a group is on, if any; Leaflet has no public way to ask.
 * @param {L.FeatureGroup} group
 */
function getMap(group) {
  return /** @type {{ _map: L.Map | null }} */ (/** @type {unknown} */ (group))._map;
}

/**
 * Return the feature that an event of a group is about.
 * @param {L.LeafletEvent} event
 * @returns {Feature | undefined}
 */
function getFeature(event) {
  return event.propagatedFrom && event.propagatedFrom.feature;
}
