// The map as one file: printing on A4 or A3.

import { getElement } from "../dom.js";

const page = document.documentElement;
const buttons = getElement("print");
if (window.map_main) offerPrinting(window.map_main);

/**
 * Let people print a map, on paper of two sizes.
 * @param {L.Map} map
 */
function offerPrinting(map) {
  const { zoomSnap } = map.options;
  let paper = "a4";
  let hasMoved = false;
  L.control.scale({ imperial: false }).addTo(map);
  map.on("dragend zoomend", () => (hasMoved = true));

  /** Lay the map out as it is printed: what is in view, or the whole city if nobody has moved it. */
  function layOut() {
    if (page.classList.contains("paper")) return;
    const { bounds, control } = window.maenballo;
    const view = hasMoved || !bounds ? map.getBounds() : L.latLngBounds(bounds);
    const before = hasMoved;
    map.options.zoomSnap = 0; // a sheet is filled, whatever the zoom
    page.classList.add("paper", paper);
    if (control) control.expand();
    map.invalidateSize({ animate: false });
    map.fitBounds(view, { animate: false });
    hasMoved = before; // fitting is no movement of the reader's
  }

  function leavePaper() {
    page.classList.remove("paper", "a4", "a3");
    map.options.zoomSnap = zoomSnap;
    if (window.maenballo.control) window.maenballo.control.collapse();
    map.invalidateSize({ animate: false });
    paper = "a4";
  }

  buttons.hidden = false;
  buttons.addEventListener("click", function ({ target }) {
    const button = /** @type {HTMLElement} */ (target);
    if (!button.dataset.paper) return;
    paper = button.dataset.paper;
    layOut();
    window.print();
  });
  addEventListener("beforeprint", layOut);
  addEventListener("afterprint", leavePaper);
}
