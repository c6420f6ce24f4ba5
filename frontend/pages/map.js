// Draws what mapserver/drawing/maps.py hands over. Text from files enters the page as textContent only.
"use strict";

window.maenballo = (function () {
  L.Control.Layers.addInitHook(function () {
    window.maenballo.control = this; // a page may have layers of its own to add
  });
  let middle = 0; // the longitude about which the city lies
  L.Map.addInitHook(function () {
    if (this.options.center) middle = L.latLng(this.options.center).lng;
  });

  const layers = {}; // by id: what a page needs to find a feature and to open its card

  const PICTOGRAMS = {
    trail: "M7.6 5.2c1.6 0 2.7 2 2.7 4.6 0 2-.6 3-.6 4.4 0 1.2.5 1.9.5 3.1 0 1.5-1 2.5-2.4 2.5-1.7 0-2.6-1.4-2.6-3.4 0-2.6-.9-3.9-.9-6.5 0-2.7 1.4-4.7 3.3-4.7zM16.4 3.2c1.9 0 3.3 2 3.3 4.7 0 2.6-.9 3.9-.9 6.5 0 2-.9 3.4-2.6 3.4-1.4 0-2.4-1-2.4-2.5 0-1.2.5-1.9.5-3.1 0-1.4-.6-2.4-.6-4.4 0-2.6 1.1-4.6 2.7-4.6z",
    foot_wash: "M12 3c3 4 5.5 7 5.5 10.5a5.5 5.5 0 0 1-11 0C6.5 10 9 7 12 3z",
    shoe_rack: "M4 5h16v2H4zM4 11h16v2H4zM4 17h16v2H4zM6 8h5l1 2H6zM13 14h4l1.5 2H13z",
    toilet: "M8 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM5.5 8h5l1 6H10l-.5 7h-3L6 14H4.5zM16 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM14.5 8h3l2 7H18v6h-4v-6h-1.5z",
    bench: "M4 9h16v2H4zM3 13h18v2h-2v5h-2v-5H7v5H5v-5H3z",
    entrance: "M5 3h9v18H5zM7 5v14h5V5zM16 11V8l5 4-5 4v-3h-2v-2z",
    light: "M12 3a6 6 0 0 1 3.5 10.9V17h-7v-3.1A6 6 0 0 1 12 3zM9 18h6v1.5H9zM10 20.5h4V22h-4z",
    sign: "M11 2h2v3h6l2 2.5L19 10h-6v12h-2V10H5V5h6z",
    drinking_water: "M5 4h9a4 4 0 0 1 4 4v1h-4V8H5zM9 2h3v3H9zM16 11c1.4 1.9 2.2 3 2.2 4.2a2.2 2.2 0 0 1-4.4 0c0-1.2.8-2.3 2.2-4.2zM4 18h7v3H4z",
    water_source: "M3 7c2-2 4-2 6 0s4 2 6 0 4-2 6 0v3c-2-2-4-2-6 0s-4 2-6 0-4-2-6 0zM3 14c2-2 4-2 6 0s4 2 6 0 4-2 6 0v3c-2-2-4-2-6 0s-4 2-6 0-4-2-6 0z",
    air_blower: "M3 8h11a2 2 0 1 0-2-2h-2a4 4 0 1 1 4 4H3zM3 12h14a3.5 3.5 0 1 1-3.5 3.5h2A1.5 1.5 0 1 0 17 14H3zM3 16h8v2H3z",
    shelter: "M12 3l10 7h-3v11h-2V10H7v11H5V10H2zM9 15h6v2H9z",
    exercise: "M2 10h2V7h3v4h10V7h3v3h2v4h-2v3h-3v-4H7v4H4v-3H2z",
    parking: "M7 3h6.5a5.5 5.5 0 0 1 0 11H10v7H7zM10 6v5h3.2a2.5 2.5 0 0 0 0-5z",
    bus_stop: "M6 3h12a2 2 0 0 1 2 2v13h-2v3h-3v-3H9v3H6v-3H4V5a2 2 0 0 1 2-2zM6 6v6h12V6zM7 14v2h2v-2zM15 14v2h2v-2z",
    waste_bin: "M9 3h6v2h5v2H4V5h5zM6 9h12l-1 12H7zM10 11v8h1v-8zM13 11v8h1v-8z",
    first_aid: "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z",
    viewpoint: "M12 5c5 0 8.5 3.7 10 7-1.5 3.3-5 7-10 7s-8.5-3.7-10-7c1.5-3.3 5-7 10-7zM12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 10.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
    other: "M12 6a6 6 0 1 1 0 12 6 6 0 0 1 0-12z",
  };

  // Pictures are ours and constant: the only markup that is ever parsed.
  function pictogram(kind) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", PICTOGRAMS[kind] || PICTOGRAMS.other);
    svg.appendChild(path);
    return svg;
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function card(feature, options) {
    const about = feature.properties;
    const box = element("div", "card");
    box.appendChild(element("strong", "card-name", about.name));
    const where = [about.place, options.word].filter(Boolean).join(" · ");
    if (where) box.appendChild(element("p", "card-place", where));
    if (about.stateText) {
      box.appendChild(element("p", "state state-" + about.state, about.stateText));
    }
    const rows = element("dl");
    for (const [label, value] of about.rows || []) {
      rows.appendChild(element("dt", "", label));
      rows.appendChild(element("dd", "", value));
    }
    if (rows.children.length) box.appendChild(rows);
    const page = pageOf(options.role, feature.id);
    if (page) box.appendChild(page);
    if (options.sample) box.appendChild(element("p", "card-sample", options.sample));
    return box;
  }

  // On the site a card leads to the feature's page; a saved map or a notebook has none.
  function pageOf(role, id) {
    const { more } = document.body.dataset;
    if (!more || !["trails", "districts", "neighborhoods"].includes(role)) return null;
    const link = element("a", "card-more", more);
    link.href = addressOf(role, id);
    link.target = "_top"; // also out of another site's frame
    return link;
  }

  // Where the page of a feature is: on a server, or among the files of a static site.
  function addressOf(role, id) {
    const { root, lang, renamed, ...about } = document.body.dataset;
    if (!about.static) return root + role + "/" + encodeURIComponent(id) + "?lang=" + lang;
    const name = (renamed && JSON.parse(renamed)[role + "/" + id]) || id;
    return root + role + "/" + encodeURIComponent(name) + ".html";
  }

  function icon(kind, className, size) {
    const box = element("span", className);
    box.appendChild(pictogram(kind));
    return L.divIcon({ html: box, className: "icon-box", iconSize: [size, size] });
  }

  // A trail of which nothing is said is not open: one does not know.
  function stateOf(feature, options) {
    return feature.properties.state || (options.role === "trails" ? "unknown" : "");
  }

  function style(feature, options) {
    const state = stateOf(feature, options);
    return {
      pane: options.pane,
      color: options.color,
      weight: options.weight,
      opacity: state && state !== "open" ? 0.75 : 1,
      dashArray: state === "unknown" ? "12 7 1 7" : state && state !== "open" ? "2 9" : options.dash,
      fill: options.fillOpacity !== null,
      fillColor: feature.properties.fill || options.fill,
      fillOpacity: options.fillOpacity || 0,
      smoothFactor: 0.4, // paths bend; the default draws them with corners
      lineCap: "round",
      lineJoin: "round",
      interactive: options.interactive,
      className: "drawn drawn-" + options.role,
    };
  }

  function labelAt(feature, options) {
    const { fill } = feature.properties;
    const ground = fill ? (isDark(fill) ? " on-dark" : " on-light") : "";
    const text = element("span", "map-label map-label-" + options.role + ground, feature.properties.name);
    return L.marker(toLatLng(feature.properties.label), {
      icon: L.divIcon({ html: text, className: "icon-box", iconSize: [0, 0] }),
      interactive: false,
      keyboard: false,
      pane: options.labels,
    });
  }

  // Whether white reads better than ink on a colour written as #rrggbb.
  function isDark(color) {
    const parts = (/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color || "") || []).slice(1);
    const [red, green, blue] = parts.map((part) => parseInt(part, 16));
    return parts.length > 0 && 0.299 * red + 0.587 * green + 0.114 * blue < 127.5;
  }

  function toLatLng(lonlat) {
    // On the side of 180 degrees on which the map is.
    return L.latLng(lonlat[1], lonlat[0] - 360 * Math.round((lonlat[0] - middle) / 360));
  }

  function layer(data, options) {
    // What is drawn on another day than it was written has the states of that day.
    if (options.role === "trails" && window.maenballoDays) maenballoDays.fillIn(data.features);
    const group = L.featureGroup();
    const found = {};

    if (options.casing) {
      group.addLayer(
        L.geoJSON(data, {
          coordsToLatLng: toLatLng,
          style: (feature) => ({
            ...style(feature, options),
            color: "#fffaf3",
            weight: options.weight + 4,
            dashArray: null,
            interactive: false,
          }),
        }),
      );
    }
    const lines = L.geoJSON(data, {
      coordsToLatLng: toLatLng,
      style: (feature) => style(feature, options),
      pointToLayer: function (feature, latlng) {
        const kind = feature.properties.kind;
        if (options.role === "facilities") {
          return L.marker(latlng, {
            icon: icon(kind, "facility facility-" + (PICTOGRAMS[kind] ? kind : "other"), 24),
            keyboard: false,
            pane: options.pane,
          });
        }
        return L.circleMarker(latlng, { radius: 7, ...style(feature, options) });
      },
    });
    group.addLayer(lines);
    // A thin line cannot be hit by a finger, so an unseen wide one lies above it.
    if (options.role === "trails") {
      group.addLayer(
        L.geoJSON(data, {
          coordsToLatLng: toLatLng,
          style: (feature) => ({ ...style(feature, options), weight: 24, opacity: 0, dashArray: null }),
        }),
      );
    }
    for (const feature of data.features) {
      found[feature.id] = { feature: feature, at: feature.properties.label };
      if (options.labels && feature.properties.label) group.addLayer(labelAt(feature, options));
      if (options.pins && feature.properties.label) {
        const state = stateOf(feature, options);
        const pin = L.marker(toLatLng(feature.properties.label), {
          icon: icon("trail", "pin pin-" + state, 30),
          keyboard: false,
          pane: options.pins,
        });
        pin.feature = feature;
        group.addLayer(pin);
      }
    }
    lines.eachLayer(function (drawn) {
      if (found[drawn.feature.id]) found[drawn.feature.id].drawn = drawn;
    });
    if (options.interactive) listen(group, options, found);
    if (options.interactive) layers[options.id] = { group: group, byId: found, options: options };
    return group;
  }

  // One popup and one tooltip for all: bound tooltips would make every shape a stop for the Tab key.
  function listen(group, options, found) {
    const tooltip = L.tooltip({ className: "map-tooltip", sticky: true, direction: "top", offset: [0, -6] });
    group.on("click", function (event) {
      const feature = event.propagatedFrom && event.propagatedFrom.feature;
      if (!feature || !group._map) return;
      // While a place is picked, a tap asks about the place and not about what lies there.
      if (group._map.getContainer().classList.contains("picking")) return;
      L.DomEvent.stopPropagation(event);
      open(options.id, feature.id, event.latlng);
    });
    group.on("mouseover mousemove", function (event) {
      const feature = event.propagatedFrom && event.propagatedFrom.feature;
      if (!feature || !group._map || !matchMedia("(hover: hover)").matches) return;
      tooltip.setContent(element("span", "", feature.properties.name)).setLatLng(event.latlng);
      group._map.openTooltip(tooltip);
    });
    group.on("mouseout remove", () => tooltip.remove());
  }

  function open(layerId, featureId, latlng) {
    const known = layers[layerId];
    const entry = known && known.byId[featureId];
    const map = known && known.group._map;
    if (!entry || !map) return;
    const at = latlng || (entry.at && toLatLng(entry.at));
    if (!at) return;
    // Between the controls on a telephone, and never taller than the map.
    const size = map.getSize();
    const narrow = size.x < 600;
    L.popup({
      maxWidth: narrow ? size.x - 150 : 320,
      minWidth: narrow ? size.x - 150 : 220,
      maxHeight: Math.max(120, size.y - 70),
      autoPanPaddingTopLeft: narrow ? [62, 12] : [70, 24],
      autoPanPaddingBottomRight: narrow ? [62, 12] : [70, 24],
    })
      .setLatLng(at)
      .setContent(card(entry.feature, known.options))
      .openOn(map);
    map.fire("maenballo:open", { layer: layerId, id: featureId });
  }

  // What Leaflet leaves open: its English words, panes by zoom, tiles that do not come.
  function furnish(map, options, fits) {
    const text = options.text;
    // Folium's own way begins with an animation, during which a page cannot ask for another view.
    if (fits) map.fitBounds(options.bounds, { padding: [12, 12], animate: false });
    maenballo.bounds = options.bounds;
    map.attributionControl.setPrefix(false);
    map.getContainer().setAttribute("aria-label", text.map);
    for (const [name, title] of [["zoom-in", text.zoomIn], ["zoom-out", text.zoomOut]]) {
      const button = map.getContainer().querySelector(".leaflet-control-" + name);
      if (button) {
        button.title = title;
        button.setAttribute("aria-label", title);
      }
    }
    const toggle = map.getContainer().querySelector(".leaflet-control-layers-toggle");
    if (toggle) {
      toggle.title = text.layers;
      toggle.setAttribute("aria-label", text.layers);
    }
    map.on("popupopen", function (event) {
      const close = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (close) {
        close.setAttribute("aria-label", text.close);
        close.title = text.close;
      }
    });
    if (L.Control.Locate) {
      // The control's own way is an alert in the browser's words.
      L.Control.Locate.LocateControl.prototype.options.onLocationError = () => notice(map, text.noPosition);
    }
    legend(map, options);
    if (options.scale) scale(map, options.scale);
    function panes() {
      const zoom = map.getZoom();
      map.getContainer().classList.toggle("far", zoom < options.near);
      for (const [name, [from, to]] of Object.entries(options.panes)) {
        const pane = map.getPane(name);
        if (pane) pane.classList.toggle("pane-away", zoom < from || zoom > to);
      }
      declutter(map);
    }
    map.on("zoomend", () => requestAnimationFrame(panes));
    map.on("layeradd", function ({ layer }) {
      // Not for each of ten thousand shops that come into sight.
      if (Object.values(layers).some(({ group }) => group === layer)) requestAnimationFrame(panes);
    });
    map.whenReady(panes);
    // What is switched on comes to lie where it lay in the city's own order, areas below lines.
    map.on("overlayadd", () => Object.values(layers).forEach(({ group }) => map.hasLayer(group) && group.bringToFront()));
    if (options.badge) badge(map, options.badge);
    if (maenballo.faults) notice(map, text.missing);
    map.eachLayer((drawn) => drawn instanceof L.TileLayer && watchTiles(map, drawn, text));
  }

  function legend(map, options) {
    const list = map.getContainer().querySelector(".leaflet-control-layers-list");
    if (!list || !options.legend.length) return;
    const box = element("ul", "legend");
    for (const entry of window.maenballoDays ? maenballoDays.legend(options.legend) : options.legend) {
      const row = element("li");
      const picture = element("span", "legend-picture " + entry.className);
      if (entry.kind) picture.appendChild(pictogram(entry.kind));
      row.append(picture, element("span", "", entry.text));
      box.appendChild(row);
    }
    list.appendChild(box);
  }

  // The colours of a measure: always in sight, since they are what the map shows.
  function scale(map, { title, steps, unknown }) {
    const control = L.control({ position: "bottomleft" });
    control.onAdd = function () {
      const box = element("div", "scale");
      box.append(element("strong", "", title));
      for (const [color, text] of steps) {
        const row = element("span", "scale-step");
        const patch = element("span", "scale-colour");
        patch.style.background = color;
        row.append(patch, element("span", "", text));
        box.append(row);
      }
      if (unknown) {
        const row = element("span", "scale-step");
        row.append(element("span", "scale-colour scale-unknown"), element("span", "", unknown));
        box.append(row);
      }
      return box;
    };
    control.addTo(map);
  }

  // A name moves a little out of the way of pins; one that finds no room, or would lie on a name
  // that was drawn before, is left out.
  const NEAR_SHIFTS = [[0, 0], [0, -14], [0, 14], [-22, 0], [22, 0], [-22, -14], [22, -14], [-22, 14], [22, 14]];
  const SHIFTS = [...NEAR_SHIFTS, ...NEAR_SHIFTS.map(([x, y]) => [1.9 * x, 1.9 * y])];

  function declutter(map) {
    const inSight = ".leaflet-pane:not(.pane-away) ";
    const all = (selector) => Array.from(map.getContainer().querySelectorAll(inSight + selector));
    const taken = all(".pin").map((pin) => pin.getBoundingClientRect());
    for (const label of all(".map-label")) {
      label.classList.remove("crowded");
      label.style.translate = "";
      const at = label.getBoundingClientRect();
      // From afar a long way on the screen would carry the name into another neighbourhood.
      const shifts = map.getContainer().classList.contains("far") ? NEAR_SHIFTS : SHIFTS;
      const places = shifts.map(([x, y]) => new DOMRect(at.x + x, at.y + y, at.width, at.height));
      const free = places.findIndex((place) =>
        taken.every(
          (other) =>
            place.right < other.left || place.left > other.right || place.bottom < other.top || place.top > other.bottom,
        ),
      );
      if (free < 0) {
        label.classList.add("crowded");
      } else {
        const [x, y] = shifts[free];
        label.style.translate = `${x}px ${y}px`;
        taken.push(places[free]);
      }
    }
  }

  function badge(map, text) {
    const control = L.control({ position: "bottomleft" });
    control.onAdd = () => element("div", "map-badge", text);
    control.addTo(map);
  }

  function notice(map, text) {
    const note = L.control({ position: "bottomleft" });
    note.onAdd = function () {
      const box = element("div", "map-note", text);
      box.setAttribute("role", "status");
      return box;
    };
    return note.addTo(map);
  }

  // Tiles are a gift: without them the map stands on its own backdrop, and says so once.
  function watchTiles(map, tiles, text) {
    let failed = 0;
    let came = false;
    const given = setTimeout(() => came || giveUp(), 8000);
    let note = null;
    function giveUp() {
      clearTimeout(given);
      if (!map.hasLayer(tiles)) return;
      map.removeLayer(tiles);
      note = notice(map, text.noTiles);
    }
    tiles.on("tileload", () => (came = true));
    tiles.on("tileerror", () => ++failed >= 3 && !came && giveUp());
    window.addEventListener("online", function () {
      failed = 0;
      if (note) note.remove();
      map.addLayer(tiles);
    });
  }

  return { layer: layer, furnish: furnish, open: open, layers: layers, element: element, pictogram: pictogram, toLatLng: toLatLng, addressOf: addressOf };
})();
