// Background tiles are a gift: without them the map stands on its own ground.

import { doLater } from "./later.js";
import { addNote } from "./notes.js";
import { getPlanning } from "./state.js";

const PATIENCE_MS = 8000;
const MOST_FAILURES = 3;

/** Let tiles of residents' maps wait for the first picture: trails and ground are seen before them. */
export function delayTiles() {
  const addTo = L.TileLayer.prototype.addTo;
  /** @this {L.TileLayer} @param {L.Map | L.LayerGroup} map */
  L.TileLayer.prototype.addTo = function (map) {
    if (getPlanning() !== null) return addTo.call(this, map);
    doLater(() => addTo.call(this, map));
    return this;
  };
}

/**
 * Watch the tiles of a map: those that it has, and those that come.
 * @param {L.Map} map
 * @param {Furniture["text"]} text
 */
export function watchAllTiles(map, text) {
  /** @type {WeakSet<L.Layer>} */
  const watched = new WeakSet();
  /** @param {L.Layer} layer */
  function watch(layer) {
    if (!(layer instanceof L.TileLayer) || watched.has(layer)) return;
    watched.add(layer);
    watchTiles(map, layer, text);
  }
  map.eachLayer(watch);
  map.on("layeradd", ({ layer }) => watch(layer));
}

/**
 * Take tiles away that do not come, and try them again when there is a network.
 * @param {L.Map} map
 * @param {L.TileLayer} tiles
 * @param {Furniture["text"]} text
 */
function watchTiles(map, tiles, text) {
  let failures = 0;
  let hasTile = false;
  /** @type {L.Control | null} */
  let note = null;
  const timer = setTimeout(() => hasTile || giveUp(), PATIENCE_MS);

  function giveUp() {
    clearTimeout(timer);
    if (!map.hasLayer(tiles)) return;
    map.removeLayer(tiles);
    map.getContainer().classList.remove("has-tiles");
    // Residents are told nothing: the ground is a map, too.
    if (getPlanning()) note = addNote(map, text.noTiles);
  }

  tiles.on("tileload", function () {
    hasTile = true;
    map.getContainer().classList.add("has-tiles"); // the tints go, and districts let the streets through
  });
  tiles.on("tileerror", () => ++failures >= MOST_FAILURES && !hasTile && giveUp());
  window.addEventListener("online", function () {
    failures = 0;
    if (note) note.remove();
    map.addLayer(tiles);
  });
}
