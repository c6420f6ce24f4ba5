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

  // -- from a place: what lies here, the nearest open trails, and the same in words

  const status = byId("near-status");
  const answerBox = byId("near-answer");
  const says = answerBox ? answerBox.dataset : {};
  const features = (role) =>
    Object.values(maenballo.layers)
      .filter((known) => known.options.role === role)
      .flatMap((known) => Object.values(known.byId).map((entry) => ({ layer: known.options.id, ...entry.feature })));
  const compass = () => says.compass.split("|");
  let from = null; // the last place asked about

  const fill = (text, words) => text.replace(/{(\w+)}/g, (all, name) => words[name] ?? all);
  const minutes = (found) => Math.max(1, Math.round(found.walk_min)).toLocaleString(text.lang);
  const way = (found) => ({
    distance: metres(found.distance_m),
    direction: maenballo.compass(found.bearing_deg, compass()),
    minutes: minutes(found),
  });

  function pageLink(layer, id, name) {
    const link = element("a", "item-name", name);
    link.href = maenballo.addressOf(layer, id);
    return link;
  }

  function rowsOf(pairs) {
    const list = element("dl", "rows");
    for (const [label, value] of pairs) {
      const row = element("div");
      row.append(element("dt", "", label), value instanceof Node ? value : element("dd", "", value));
      list.append(row);
    }
    return list;
  }

  // What `City.locate` says, and where one applies for what.
  function here(lon, lat) {
    const pairs = [];
    const districts = maenballo.within(lon, lat, features("districts"));
    const [areas] = ["neighborhoods"].map((role) => maenballo.within(lon, lat, features(role)));
    for (const district of districts) {
      const cell = element("dd");
      cell.append(pageLink("districts", district.id, district.properties.name));
      pairs.push([says.district, cell]);
    }
    const nearest = maenballo.nearest(lon, lat, features("districts"), 1)[0];
    if (nearest && !districts.length) {
      const cell = element("dd", "", fill(says.none, { name: nearest.feature.properties.name, ...way(nearest) }));
      pairs.push([says.district, cell]);
    }
    if (nearest && nearest.distance_m <= Number(says.borderM)) {
      pairs.push(["", fill(says.border, { distance: metres(nearest.distance_m) })]);
    }
    for (const area of areas.slice(0, 1)) {
      const cell = element("dd");
      cell.append(pageLink("neighborhoods", area.id, area.properties.name));
      pairs.push([says.area, cell], ...(area.properties.rows || []));
      for (const service of features("services").filter((one) => one.properties.place === area.properties.name)) {
        const [first] = (service.properties.rows || []).map(([, value]) => value);
        pairs.push([service.properties.name, first || ""]);
      }
    }
    if (!areas.length) pairs.push([says.area, says.outside]);
    return rowsOf(pairs);
  }

  // Where one goes to: the marked entrance of the trail, else its nearer end.
  function entranceOf(trail, lon, lat) {
    const marked = features("facilities").filter(
      ({ properties }) => properties.trail === trail.id && properties.kind === "entrance",
    );
    const lines = trail.geometry.type === "LineString" ? [trail.geometry.coordinates] : trail.geometry.coordinates;
    const ends = lines.flatMap((line) => [line[0], line[line.length - 1]]);
    const choices = marked.length ? marked : ends.map((end) => ({ geometry: { type: "Point", coordinates: end } }));
    return maenballo.nearest(lon, lat, choices, 1)[0];
  }

  function trailItem(found, lon, lat, number) {
    const about = found.feature.properties;
    const item = element("li", "near-item");
    const button = element("button", "item-button");
    button.type = "button";
    button.dataset.layer = text.trails;
    button.dataset.id = found.feature.id;
    button.append(element("span", "item-name", number + ". " + about.name), element("span", "item-figure", metres(found.distance_m)));
    const facts = [fill(says.walk, way(found)), about.place, about.figure, ...(about.facts || [])];
    const line = element("span", "item-facts", facts.filter(Boolean).join(" · "));
    const state = about.state || "unknown";
    if (state !== "open") line.prepend(element("span", "state state-" + state, about.stateText || says.unknown), " ");
    button.append(line);
    item.append(button, pageLink("trails", found.feature.id, says.more));
    item.lastChild.className = "near-more";
    item.lastChild.setAttribute("aria-label", about.name + ": " + says.more);
    const entrance = entranceOf(found.feature, lon, lat);
    const at = maenballo.toLatLng([entrance.nearest_lon, entrance.nearest_lat]);
    L.polyline([maenballo.toLatLng([lon, lat]), at], {
      color: "#1668c7", weight: number > 1 ? 2 : 3.5, opacity: number > 1 ? 0.6 : 1, dashArray: "4 8", interactive: false,
    }).addTo(sketch);
    return { item: item, at: at };
  }

  // One sentence a trail, for screen readers and to be sent on.
  function inWords(found) {
    return found.map((near) => fill(says.sentence, { name: near.feature.properties.name, ...way(near) }));
  }

  function answer(lon, lat, heading) {
    from = { lon: lon, lat: lat };
    const every = maenballo.nearest(lon, lat, trails, trails.length);
    const open = every.filter((found) => found.feature.properties.state === "open");
    const found = (open.length ? open : every).slice(0, 3);
    const list = byId("near-list");
    list.replaceChildren();
    sketch.clearLayers();
    const marker = L.marker(maenballo.toLatLng([lon, lat]), {
      icon: L.divIcon({ html: element("span", "here"), className: "icon-box", iconSize: [18, 18] }),
      keyboard: false,
      interactive: false,
      alt: text.here,
    }).addTo(sketch);
    const bounds = L.latLngBounds([marker.getLatLng()]);
    found.forEach(function (near, i) {
      const { item, at } = trailItem(near, lon, lat, i + 1);
      list.append(item);
      bounds.extend(at);
    });
    const notes = inWords(found.slice(0, 1));
    const isUnknown = (near) => !["open", "closed", "planned"].includes(near.feature.properties.state);
    if (!open.length) notes.push(every.some(isUnknown) ? says.unsure : says.closed);
    const closer = every.filter((near) => open.length && near.feature.properties.state !== "open" && near.distance_m < found[0].distance_m);
    for (const [count, sentence] of [
      [closer.filter((near) => !isUnknown(near)).length, says.closer],
      [closer.filter(isUnknown).length, says.closerUnknown],
    ]) {
      if (count) notes.push(fill(sentence, { count: count.toLocaleString(text.lang) }));
    }
    const wash = maenballo.nearest(lon, lat, features("facilities").filter((one) => one.properties.kind === "foot_wash"), 1)[0];
    if (wash) notes.push(fill(says.wash, way(wash)));
    status.textContent = heading + ". " + notes.join(" ");
    byId("here").replaceChildren(here(lon, lat));
    answerBox.hidden = false;
    byId("near-tell-text").textContent = tellText(lon, lat, every[0]);
    map.fitBounds(bounds, { maxZoom: 17, padding: [40, 40], animate: !calm });
    panel.scrollTo({ top: status.offsetTop - 8, behavior: calm ? "auto" : "smooth" });
  }

  function tellText(lon, lat, near) {
    const [area] = maenballo.within(lon, lat, features("neighborhoods"));
    const link = location.href.split(/[?#]/)[0] + "#at=" + lon.toFixed(5) + "," + lat.toFixed(5);
    const where = near
      ? fill(says.beside, { name: near.feature.properties.name, along: metres(near.along_m), distance: metres(near.distance_m) })
      : "";
    const parts = [where, area ? area.properties.name : "", lat.toFixed(5) + ", " + lon.toFixed(5)];
    return parts.filter(Boolean).join(" · ") + "\n" + link;
  }

  function near(lon, lat) {
    const found = maenballo.nearest(lon, lat, trails, 1)[0];
    return found && found.distance_m < 30000;
  }

  function missing(message) {
    status.textContent = message;
    byId("near-pick").open = true;
  }

  const button = byId("near-me");
  if (map && button && trails.length) {
    button.hidden = false;
    byId("near-privacy").hidden = false;
    byId("near-pick").hidden = false;
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
    const area = byId("near-from");
    if (area) {
      area.addEventListener("change", function () {
        if (!area.value) return;
        const [lon, lat] = area.value.split(",").map(Number);
        answer(lon, lat, text.from + " " + area.selectedOptions[0].textContent);
      });
    }
    byId("near-pick").addEventListener("toggle", (event) =>
      map.getContainer().classList.toggle("picking", event.target.open));
    // A tap asks for that place, once another place is wanted.
    map.on("click", function (event) {
      if (!map.getContainer().classList.contains("picking")) return;
      answer(event.latlng.lng, event.latlng.lat, text.picked);
    });
    byId("near-share").addEventListener("click", () => send(tellText(from.lon, from.lat).split("\n")[1], byId("near-share")));
    byId("near-tell").addEventListener("click", function () {
      const message = byId("near-tell-text").textContent;
      if (says.number) location.href = "sms:" + says.number + "?&body=" + encodeURIComponent(message + "\n");
      else send(message, byId("near-tell"));
    });
  }

  async function send(message, pressed) {
    try {
      if (navigator.share && pressed.id === "near-share") await navigator.share({ title: document.title, url: message });
      else {
        await navigator.clipboard.writeText(message);
        pressed.textContent = says.copied;
      }
    } catch (error) {
      if (error.name !== "AbortError") pressed.textContent = says.failed;
    }
  }

  // -- a place typed: of our own layers; the shops are fetched when somebody types

  const typed = byId("near-place");
  const offered = byId("near-offered");
  let shops = null;

  function placesNamed(pattern) {
    const roles = ["trails", "districts", "neighborhoods", "services"];
    const known = roles.flatMap((role) =>
      features(role).map(({ layer, properties }) => ({
        name: properties.name,
        kind: maenballo.layers[layer].options.word,
        at: properties.label,
      })),
    );
    const found = known.filter((place) => pattern.test(place.name) && place.at);
    for (const [lon, lat, name, kind] of (shops && shops.shops) || []) {
      if (found.length >= 8) break;
      if (pattern.test(name)) found.push({ name: name, kind: shops.kinds[kind], at: [lon, lat] });
    }
    return found.slice(0, 8);
  }

  function offer() {
    const query = typed.value.trim();
    offered.replaceChildren();
    if (!query) return;
    const found = placesNamed(maenballo.finder(query));
    for (const place of found) {
      const item = element("li");
      const choose = element("button", "item-button");
      choose.type = "button";
      choose.append(element("span", "item-name", place.name), element("span", "item-facts", place.kind));
      choose.addEventListener("click", function () {
        offered.replaceChildren();
        typed.value = place.name;
        answer(place.at[0], place.at[1], text.from + " " + place.name);
      });
      item.append(choose);
      offered.append(item);
    }
    byId("near-offered-status").textContent = found.length ? "" : text.none;
  }

  if (typed) {
    typed.addEventListener("input", offer);
    typed.addEventListener("focus", async function () {
      if (shops || !panel.dataset.shops) return;
      shops = await maenballo.shops(panel.dataset.shops);
      offer();
    });
  }

  // -- finding in the lists

  const words = byId("find-text");
  const openOnly = byId("find-open");
  function find() {
    const wanted = words.value.trim().split(/\s+/).filter(Boolean).map(maenballo.finder);
    let left = 0;
    document.querySelectorAll(".list").forEach(function (list) {
      let here = 0;
      list.querySelectorAll(".item").forEach(function (item) {
        const state = item.dataset.state;
        const fits = wanted.every((word) => word.test(item.dataset.words)) &&
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

  // -- an address that names a feature (#trails/ID) or a place (#at=126.85000,35.14000)

  function follow() {
    const target = decodeURIComponent(location.hash.slice(1));
    const at = target.match(/^at=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/);
    if (at && map && trails.length) return answer(Number(at[1]), Number(at[2]), text.picked);
    const [layer, id] = target.split("/");
    if (id !== undefined) show(layer, id);
  }
  if (location.hash.length > 1) follow();
  addEventListener("hashchange", follow);
})();
