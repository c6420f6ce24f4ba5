// Background tiles are a gift: without them the map stands on its own ground.

import { addNote } from "./notes.js";
import { getPlanning } from "./state.js";

const PATIENCE_MS = 8000;
const MOST_FAILURES = 3;

/**
 * Take tiles away that do not come, and try them again when there is a network.
 * @param {L.Map} map
 * @param {L.TileLayer} tiles
 * @param {Furniture["text"]} text
 */
export function watchTiles(map, tiles, text) {
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
