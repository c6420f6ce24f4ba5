// From where the nearest trails are: one's own position, with how far it may be off, or a place that was named.

import { toLatLng } from "./state.js";
import { view } from "./view.js";

const LEAST_SHOWN_M = 30; // an error below that is no more than the mark itself

/** @type {L.Layer[]} */
let drawn = [];

/**
 * Draw the place that was asked from.
 * @param {L.Map} map
 */
export function drawOrigin(map) {
  for (const layer of drawn) layer.remove();
  drawn = [];
  const { from } = view;
  if (!from) return;
  const at = toLatLng([from.lon, from.lat]);
  if (from.isOwn && from.accuracy_m && from.accuracy_m > LEAST_SHOWN_M) {
    const reach = { radius: from.accuracy_m, className: "here-reach", pane: "districts", interactive: false };
    drawn.push(L.circle(at, reach).addTo(map));
  }
  const icon = L.divIcon({ className: from.isOwn ? "here-own" : "here-named", html: "<i></i>", iconSize: [24, 24] });
  drawn.push(L.marker(at, { icon, interactive: false, keyboard: false, pane: "pins", zIndexOffset: 300 }).addTo(map));
}
