// The board: a tap on a neighbourhood brings it into focus; full screen for the wall.

import { nameAreas } from "../board/labels.js";
import { followChecks } from "../days/checks.js";
import { getElement, readTexts } from "../dom.js";

/** Rows of a long table that a telephone shows at first. */
const FIRST_ROWS = 10;

/** @type {HTMLElement | null} */
const box = document.querySelector(".board-map .map-frame");
if (window.map_main && box) joinMapAndTable(window.map_main, box.dataset);
followChecks();
foldTable(getElement("all-districts"));
if (document.fullscreenEnabled) offerFullScreen(getElement("full-screen"));

/**
 * Show the neighbourhoods, mark the one that the board is about, and let a tap choose another.
 * @param {L.Map} map
 * @param {DOMStringMap} dataset layer, and area where there is one
 */
function joinMapAndTable(map, { layer: layerId = "", area: areaId = "" }) {
  const layer = window.maenballo.layers[layerId];
  // It is about areas and their names: what lies on other maps above them would take their room.
  for (const { group, options } of Object.values(window.maenballo.layers)) {
    if (options.id !== layerId) map.removeLayer(group);
  }
  moveScale(map);
  map.invalidateSize({ animate: false });
  window.maenballo.showAll();
  if (layer) nameAreas(map, layer);
  const area = layer && layer.byId[areaId];
  if (area && area.drawn) area.drawn.bringToFront().getElement()?.classList.add("in-focus");
  window.maenballo.letPageScroll();
  document.addEventListener("maenballo:pick", function (event) {
    const { layer: pickedLayer, id } = /** @type {CustomEvent<PickedFeature>} */ (event).detail;
    if (pickedLayer !== layerId) return;
    event.preventDefault();
    if (id === areaId) return;
    // The table beside the map has a link for each.
    /** @type {NodeListOf<HTMLAnchorElement>} */
    const links = document.querySelectorAll("a[data-area]");
    const link = Array.from(links).find((each) => each.dataset.area === id);
    if (link) location.href = link.href;
  });
}

/**
 * Put the scale of colours below the map, where it covers no area.
 * @param {L.Map} map
 */
function moveScale(map) {
  const container = map.getContainer(), scale = container.querySelector(".scale");
  if (!scale || !container.parentElement) return;
  container.parentElement.after(scale);
  window.maenballo.setInsets({ top: 0, right: 0, bottom: 0, left: 0 });
}

/**
 * Let a button fill the screen with the board, and leave it again.
 * @param {HTMLElement} button
 */
function offerFullScreen(button) {
  button.hidden = false;
  button.addEventListener("click", function () {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });
}

/**
 * Let a button show the rows of its table that a telephone leaves out at first (board.css).
 * @param {HTMLElement} button
 */
function foldTable(button) {
  const table = getElement(readTexts(button).table);
  const isLong = table.querySelectorAll("tbody tr").length > FIRST_ROWS;
  table.classList.toggle("folded", isLong);
  button.hidden = !isLong;
  button.addEventListener("click", function () {
    table.classList.remove("folded");
    button.hidden = true;
    // Whoever walks by keyboard goes on with the first row that has come.
    table.querySelectorAll("a")[FIRST_ROWS]?.focus();
  });
}
