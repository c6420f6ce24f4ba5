// The shops: fetched when they are wanted, drawn in clusters.
"use strict";

(function () {
  const { element } = maenballo;
  const fetched = {};

  maenballo.shops = function (address) {
    fetched[address] = fetched[address] || fetch(address).then((response) => response.json());
    return fetched[address];
  };

  function load(tag, attributes) {
    return new Promise(function (resolve, reject) {
      const made = Object.assign(document.createElement(tag), attributes);
      made.onload = resolve;
      made.onerror = reject;
      document.head.append(made);
    });
  }

  function card(data, [, , name, kind, onnuri, district]) {
    const box = element("div", "card");
    box.append(element("strong", "card-name", name));
    box.append(element("p", "card-place", [data.kinds[kind], data.districts[district]].filter(Boolean).join(" · ")));
    const taken = data.payments.filter((word, bit) => onnuri & (1 << bit));
    // A shop that does not say what it takes has null: no word is not a no.
    const unknown = onnuri === null;
    if (unknown && data.takesUnknown) box.append(element("p", "state", data.takesUnknown));
    if (!unknown) box.append(element("p", "state " + (taken.length ? "state-open" : "state-closed"), taken.length ? data.takes + ": " + taken.join(" · ") : data.takesNone));
    return box;
  }

  // Fills a layer of the map when it is switched on for the first time.
  maenballo.shopsLayer = function (map, group, box, onlyOnnuri) {
    let begun = false;
    group.on("add", async function () {
      if (begun) return;
      begun = true;
      const [data] = await Promise.all([
        maenballo.shops(box.shops),
        load("link", { rel: "stylesheet", href: box.clusterStyle }),
        load("script", { src: box.clusterScript }),
      ]);
      const clusters = L.markerClusterGroup({
        chunkedLoading: true,
        showCoverageOnHover: false,
        animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
        disableClusteringAtZoom: 18,
        maxClusterRadius: 70,
        iconCreateFunction: (cluster) =>
          L.divIcon({ html: element("span", "cluster", cluster.getChildCount().toLocaleString(box.lang)), className: "icon-box", iconSize: [44, 44] }),
      });
      clusters.addLayers(
        data.shops.filter((shop) => shop[4] || !onlyOnnuri).map(function (shop) {
          const marker = L.marker([shop[1], shop[0]], {
            icon: L.divIcon({ html: element("span", shop[4] ? "shop shop-onnuri" : "shop"), className: "icon-box", iconSize: [14, 14] }),
            title: shop[2],
            alt: shop[2],
          });
          return marker.bindPopup(() => card(data, shop), { maxWidth: 280 });
        }),
      );
      group.addLayer(clusters);
    });
  };

  const map = window.map_main;
  const box = document.querySelector("[data-shops]");
  if (map && maenballo.control && box && box.dataset.shops) {
    for (const [title, onlyOnnuri] of [[box.dataset.shopsTitle, false], [box.dataset.onnuriTitle, true]]) {
      const group = L.layerGroup();
      maenballo.shopsLayer(map, group, box.dataset, onlyOnnuri);
      if (!onlyOnnuri) maenballo.shopsGroup = group;
      // The control takes a name as markup.
      maenballo.control.addOverlay(group, element("span", "", title).outerHTML);
    }
  }
})();
