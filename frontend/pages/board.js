// The board: a tap on a neighbourhood brings it into focus; full screen for the wall.
"use strict";

(function () {
  const map = window.map_main;
  const box = document.querySelector(".board-map .map-box");
  if (map && box) {
    const known = maenballo.layers[box.dataset.layer];
    map.invalidateSize({ animate: false });
    if (known) map.fitBounds(known.group.getBounds(), { padding: [10, 10], animate: false });
    const chosen = known && known.byId[box.dataset.area];
    if (chosen && chosen.drawn) chosen.drawn.setStyle({ weight: 5, color: "#2b211a", dashArray: null }).bringToFront();
    map.scrollWheelZoom.disable();
    map.on("maenballo:open", function (event) {
      if (event.layer !== box.dataset.layer || event.id === box.dataset.area) return;
      // The table beside the map has a link for each.
      const links = Array.from(document.querySelectorAll("a[data-area]"));
      const link = links.find((each) => each.dataset.area === event.id);
      if (link) location.href = link.href;
    });
  }
  const button = document.getElementById("full-screen");
  if (document.fullscreenEnabled) {
    button.hidden = false;
    button.addEventListener("click", function () {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    });
  }
})();
