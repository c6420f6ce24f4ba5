// Joins the map and the lists: nearest trails, finding, and going from a list entry to its place.
"use strict";

(function () {
  const map = window.map_main;
  const panel = document.getElementById("panel");
  const text = panel.dataset;
  const byId = (id) => document.getElementById(id);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const { element } = maenballo;
  let opener = null; // where the focus goes back to when a card is closed
  const sketch = map ? L.featureGroup().addTo(map) : null;

  const trails = (function () {
    const known = maenballo.layers[text.trails];
    return known ? Object.values(known.byId).map((entry) => entry.feature) : [];
  })();

  function metres(value) {
    if (value < 999.5) return Math.round(value).toLocaleString(text.lang) + " m";
    return (value / 1000).toLocaleString(text.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) + " km";
  }

  // -- from a list entry to its place on the map

  function show(layer, id, button) {
    const known = maenballo.layers[layer];
    const entry = known && known.byId[id];
    if (!map || !entry) return;
    opener = button || null;
    if (!map.hasLayer(known.group)) map.addLayer(known.group);
    const bounds = entry.drawn && entry.drawn.getBounds ? entry.drawn.getBounds() : null;
    if (bounds) map.fitBounds(bounds, { maxZoom: 17, padding: [48, 48], animate: false });
    maenballo.open(layer, id);
  }

  panel.addEventListener("click", function (event) {
    const button = event.target.closest("[data-layer][data-id]");
    if (button) show(button.dataset.layer, button.dataset.id, button);
  });

  if (map) {
    map.on("popupopen", function (event) {
      const close = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (opener && close) close.focus({ preventScroll: true });
    });
    map.on("popupclose", function () {
      if (opener) opener.focus({ preventScroll: true });
      opener = null;
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
    map.on("maenballo:open", function (event) {
      document.querySelectorAll(".item-chosen").forEach((item) => item.classList.remove("item-chosen"));
      const item = byId(event.layer + "-" + event.id);
      if (item) item.classList.add("item-chosen");
    });
  }

  // -- nearest trails

  const status = byId("near-status");

  function answer(lon, lat, heading) {
    const found = maenballo.nearest(lon, lat, trails, 3);
    const list = byId("near-list");
    list.replaceChildren();
    sketch.clearLayers();
    status.textContent = found.length ? heading : "";
    const here = L.marker([lat, lon], {
      icon: L.divIcon({ html: element("span", "here"), className: "icon-box", iconSize: [18, 18] }),
      keyboard: false,
      interactive: false,
      alt: text.here,
    }).addTo(sketch);
    const bounds = L.latLngBounds([here.getLatLng()]);
    found.forEach(function (near, i) {
      const at = [near.nearest_lat, near.nearest_lon];
      const about = near.feature.properties;
      const item = element("li");
      const button = element("button", "item-button");
      button.type = "button";
      button.dataset.layer = text.trails;
      button.dataset.id = near.feature.id;
      button.append(element("span", "item-name", about.name), element("span", "item-figure", metres(near.distance_m)));
      const minutes = text.walk.replace("{minutes}", Math.max(1, Math.round(near.walk_min)).toLocaleString(text.lang));
      const facts = element("span", "item-facts", [about.place, minutes].filter(Boolean).join(" · "));
      if (about.state && about.state !== "open") {
        facts.prepend(element("span", "state state-" + about.state, about.stateText), " ");
      }
      button.append(facts);
      item.append(button);
      list.append(item);
      bounds.extend(at);
      L.polyline([here.getLatLng(), at], {
        color: "#1668c7", weight: i ? 2 : 3.5, opacity: i ? 0.6 : 1, dashArray: "4 8", interactive: false,
      }).addTo(sketch);
    });
    if (found.length) map.fitBounds(bounds, { maxZoom: 17, padding: [40, 40], animate: !calm });
    const pick = byId("near-pick");
    if (pick) pick.hidden = false;
    panel.scrollTo({ top: status.offsetTop - 8, behavior: calm ? "auto" : "smooth" });
  }

  function near(lon, lat) {
    const found = maenballo.nearest(lon, lat, trails, 1)[0];
    return found && found.distance_m < 30000;
  }

  function missing(message) {
    status.textContent = message;
    const pick = byId("near-pick");
    if (pick) pick.hidden = false;
    map.getContainer().classList.add("picking");
  }

  const button = byId("near-me");
  if (map && button && trails.length) {
    button.hidden = false;
    byId("near-privacy").hidden = false;
    button.addEventListener("click", function () {
      if (!navigator.geolocation) return missing(text.refused);
      status.textContent = text.searching;
      navigator.geolocation.getCurrentPosition(
        function (position) {
          const { longitude, latitude } = position.coords;
          if (near(longitude, latitude)) answer(longitude, latitude, text.found);
          else missing(text.far);
        },
        () => missing(text.refused),
        { enableHighAccuracy: true, timeout: 12000, maximumAge: 30000 },
      );
    });
    const from = byId("near-from");
    if (from) {
      from.addEventListener("change", function () {
        if (!from.value) return;
        const [lon, lat] = from.value.split(",").map(Number);
        answer(lon, lat, text.from + " " + from.selectedOptions[0].textContent);
      });
    }
    // A tap beside everything asks for that place, once a position was wanted.
    map.on("click", function (event) {
      if (map.getContainer().classList.contains("picking")) answer(event.latlng.lng, event.latlng.lat, text.picked);
    });
  }

  // -- finding in the lists

  const words = byId("find-text");
  const openOnly = byId("find-open");
  function find() {
    const wanted = words.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    document.querySelectorAll(".list").forEach(function (list) {
      let here = 0;
      list.querySelectorAll(".item").forEach(function (item) {
        const state = item.dataset.state;
        const fits = wanted.every((word) => item.dataset.words.includes(word)) &&
          (!openOnly.checked || state === undefined || state === "open");
        item.hidden = !fits;
        if (fits) here++;
      });
      list.querySelector(".count").textContent = here.toLocaleString(text.lang);
      if (wanted.length) list.open = here > 0;
      left += here;
    });
    byId("find-status").textContent = left ? "" : text.none;
  }
  byId("find").hidden = false;
  words.addEventListener("input", find);
  openOnly.addEventListener("change", find);
})();
