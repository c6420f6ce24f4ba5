// Brings the map of a page to the one feature that the page is about.
"use strict";

(function () {
  const map = window.map_main;
  // What stands along the trail has the picture that it has on the map.
  for (const item of document.querySelectorAll("li[data-kind]")) {
    const picture = maenballo.element("span", "kind facility-" + item.dataset.kind);
    picture.append(maenballo.pictogram(item.dataset.kind));
    const distance = item.querySelector(".step-distance");
    if (distance) distance.after(picture);
    else item.prepend(picture);
  }
  const box = document.querySelector("[data-focus-layer]");
  if (!map || !box) return;
  const { focusLayer, focusId, still } = box.dataset;
  const known = maenballo.layers[focusLayer];
  const entry = known && known.byId[focusId];
  if (!entry) return;
  if (!map.hasLayer(known.group)) map.addLayer(known.group);

  function fit() {
    map.invalidateSize({ animate: false });
    const bounds = entry.drawn && entry.drawn.getBounds ? entry.drawn.getBounds() : null;
    if (bounds) map.fitBounds(bounds, { maxZoom: 18, padding: [36, 36], animate: false });
    else map.setView(maenballo.toLatLng(entry.at), 17, { animate: false });
  }
  fit();

  // The one stands out, the others of its kind step back.
  for (const [id, other] of Object.entries(known.byId)) {
    if (!other.drawn || !other.drawn.setStyle) continue;
    const filled = known.options.fillOpacity;
    if (id !== focusId) other.drawn.setStyle({ opacity: 0.35, fillOpacity: filled ? filled / 2 : 0 });
    else other.drawn.setStyle({ weight: known.options.weight + 1.5, fillOpacity: filled ? filled + 0.15 : 0 }).bringToFront();
  }

  if (still) {
    // On paper, as large as it is printed.
    addEventListener("beforeprint", fit);
    for (const handler of ["dragging", "scrollWheelZoom", "doubleClickZoom", "touchZoom", "boxZoom", "keyboard"]) {
      if (map[handler]) map[handler].disable();
    }
    return;
  }
  // The page scrolls; a map must not catch the finger or the wheel that passes over it.
  map.scrollWheelZoom.disable();
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  if (matchMedia("(pointer: coarse)").matches) {
    map.dragging.disable();
    map.getContainer().classList.add("one-finger-scrolls");
  }
})();
