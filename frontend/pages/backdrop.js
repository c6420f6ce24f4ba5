// Streets below the map, from the city's own tiles. streets.js brings this file where there are such tiles.

import { leafletLayer } from "protomaps-leaflet";
import { chooseColors, chooseLetters, onLook } from "../streets/look.js";
import { listGroundNames } from "../streets/names.js";
import { makeLabelRules, makePaintRules } from "../streets/rules.js";

const BELOW_ALL = "140"; // the map's own ground lies at 150

const source = /** @type {HTMLElement | null} */ (document.querySelector("script[data-tiles]"));
const { map } = window.maenballo;
// On a map of areas in colours there is no room for streets.
if (source && map && !map.getContainer().classList.contains("is-about-areas")) drawStreets(map, source.dataset);

/**
 * Draw the streets, if the tiles can be read in ranges; otherwise the ground stays as it is.
 * @param {L.Map} onMap
 * @param {DOMStringMap} options
 */
async function drawStreets(onMap, { tiles = "", maxZoom, credit = "" }) {
  const url = new URL(tiles, document.baseURI).href;
  const answer = await fetch(url, { headers: { Range: "bytes=0-126" } }).catch(() => null);
  if (!answer || answer.status !== 206) return; // no signal, or a host that knows no ranges
  const pane = onMap.createPane("streets");
  pane.style.zIndex = BELOW_ALL;
  pane.style.pointerEvents = "none";
  const layer = leafletLayer({
    url,
    maxDataZoom: Number(maxZoom),
    pane: "streets",
    attribution: escapeText(credit), // Leaflet takes it for HTML
    lang: document.documentElement.lang,
    devicePixelRatio: Math.min(window.devicePixelRatio, 2),
    paintRules: [],
    labelRules: [],
  });
  const repaint = () => setLook(onMap, layer);
  repaint();
  layer.addTo(onMap);
  makeRoom(onMap);
  onLook(function () {
    repaint();
    layer.clearLayout();
    layer.rerenderTiles();
  });
}

/**
 * Set the rules of a layer for the screen as it is now.
 * @param {L.Map} onMap
 * @param {ReturnType<typeof leafletLayer>} layer
 */
function setLook(onMap, layer) {
  const colors = chooseColors(), letters = chooseLetters(onMap);
  const container = onMap.getContainer();
  const list = () => listGroundNames(onMap, listLabels(onMap, layer), Math.round(onMap.getZoom()), letters);
  layer.paintRules = makePaintRules(colors);
  layer.labelRules = makeLabelRules(document.documentElement.lang, letters.font, listOwnNames(), () => window.maenballo.setGround(list));
  layer.onTilesInvalidated = () => {}; // no name is drawn on a tile
  layer.clearLayout();
  layer.backgroundColor = colors.ground;
  container.style.background = colors.ground;
  container.style.setProperty("--ground-name", colors.name);
  container.style.setProperty("--ground-halo", colors.halo);
}

/**
 * List the labels for which the tiles of the present zoom have places.
 * @param {L.Map} onMap
 * @param {ReturnType<typeof leafletLayer>} layer
 * @returns {import("protomaps-leaflet").IndexedLabel[]}
 */
function listLabels(onMap, layer) {
  const index = layer.labelers.getIndex(Math.round(onMap.getZoom()));
  return index ? [...index.current.values()].flatMap((labels) => [...labels]) : [];
}

/** List the names that the map has already: a place of the tiles would say them once more. */
function listOwnNames() {
  const drawn = Object.values(window.maenballo.layers).flatMap(({ byId }) => Object.values(byId));
  return new Set(drawn.map(({ feature }) => feature.properties.name));
}

/**
 * Take the map's own ground away, as below tiles.
 * @param {L.Map} onMap
 */
function makeRoom(onMap) {
  const { classList } = onMap.getContainer();
  for (const name of ["outside", "land"]) {
    const pane = onMap.getPane(name);
    if (pane) pane.style.display = "none";
  }
  classList.add("has-tiles", "has-streets");
  // Tiles of a server that are given up take the class with them, and the streets are there still.
  onMap.on("layerremove", () => setTimeout(() => classList.add("has-tiles")));
}

/**
 * Return a text as HTML that shows it as it is.
 * @param {string} text
 */
function escapeText(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}
