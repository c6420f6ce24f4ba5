// The two buttons that change the zoom: on a map for residents they stand at its foot, large enough for a thumb.

import { createElement } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";
const MINUS = "M5 12h14", PLUS = "M12 5v14M5 12h14";

/**
 * Add the buttons to a map.
 * @param {L.Map} map
 * @param {Furniture["text"]} text
 */
export function addTools(map, text) {
  const control = new L.Control({ position: "bottomright" });
  const box = createElement("div", "map-tools");
  const minus = createButton(text.zoomOut, MINUS, () => map.zoomOut());
  const plus = createButton(text.zoomIn, PLUS, () => map.zoomIn());
  box.append(minus, plus);
  L.DomEvent.disableClickPropagation(box);
  control.onAdd = () => box;
  control.addTo(map);
  map.on("zoomend", function () {
    // The focus stays on a button that has nothing more to do.
    minus.setAttribute("aria-disabled", String(map.getZoom() <= map.getMinZoom()));
    plus.setAttribute("aria-disabled", String(map.getZoom() >= map.getMaxZoom()));
  });
}

/**
 * Create a button with a picture of lines.
 * @param {string} name
 * @param {string} path
 * @param {() => void} act
 */
function createButton(name, path, act) {
  const button = createElement("button");
  button.type = "button";
  button.title = name;
  button.setAttribute("aria-label", name);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const lines = document.createElementNS(SVG, "path");
  lines.setAttribute("d", path);
  svg.append(lines);
  button.append(svg);
  button.addEventListener("click", act);
  return button;
}
