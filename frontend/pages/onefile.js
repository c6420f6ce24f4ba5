// The map as one file: printing on A4 or A3.
"use strict";

(function () {
  const map = window.map_main;
  const page = document.documentElement;
  const buttons = document.getElementById("print");
  L.control.scale({ imperial: false }).addTo(map);
  const snap = map.options.zoomSnap;
  let paper = "a4";
  let moved = false;
  map.on("dragend zoomend", () => (moved = true));

  function lay() {
    if (page.classList.contains("paper")) return;
    const view = moved ? map.getBounds() : maenballo.bounds;
    const asked = moved;
    map.options.zoomSnap = 0; // a sheet is filled, whatever the zoom
    page.classList.add("paper", paper);
    maenballo.control.expand();
    map.invalidateSize({ animate: false });
    map.fitBounds(view, { animate: false });
    moved = asked;
  }

  function leave() {
    page.classList.remove("paper", "a4", "a3");
    map.options.zoomSnap = snap;
    maenballo.control.collapse();
    map.invalidateSize({ animate: false });
    paper = "a4";
  }

  buttons.hidden = false;
  buttons.addEventListener("click", function (event) {
    if (!event.target.dataset.paper) return;
    paper = event.target.dataset.paper;
    lay();
    window.print();
  });
  addEventListener("beforeprint", lay);
  addEventListener("afterprint", leave);
})();
