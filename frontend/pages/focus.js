// Brings the map of a page to the one feature that the page is about.

const HANDLERS = /** @type {const} */ (["dragging", "scrollWheelZoom", "doubleClickZoom", "touchZoom", "boxZoom", "keyboard"]);

/** @type {HTMLElement | null} */
const box = document.querySelector("[data-focus-layer]");
if (window.map_main && box) focusMap(window.map_main, box.dataset);

/**
 * Bring a map to its feature, and let the page scroll.
 * @param {L.Map} map
 * @param {DOMStringMap} dataset the layer and the id, and whether the map is for paper
 */
function focusMap(map, { focusLayer = "", focusId = "", still }) {
  const focus = () => window.maenballo.focusOn(focusLayer, focusId);
  focus();
  if (still) {
    // On paper, as large as it is printed.
    addEventListener("beforeprint", focus);
    for (const name of HANDLERS) map[name]?.disable(); // touchZoom is there on telephones alone
    return;
  }
  window.maenballo.letPageScroll();
  // Names and pins keep off the link that lies on the map.
  const link = document.querySelector(".large-map");
  if (link) window.maenballo.setInsets({}, [link]);
  let width = innerWidth;
  addEventListener("resize", function () {
    // A telephone that is turned; one whose bars come and go keeps its width, and the map its view.
    if (innerWidth === width) return;
    width = innerWidth;
    focus();
  });
}
