// The layer of shops on a map in another site's page: fetched when it is shown, drawn in clusters.

import { createElement, isCalm, paintIcon } from "../dom.js";
import { formatCount } from "../text/numbers.js";
import { describeShop, fetchShops } from "./fetching.js";

/** @typedef {import("./fetching.js").Shop} Shop */
/** @typedef {{ icon?: string, onIcon?: string }} Colors */

/** Make the layer of all shops, where there are any; embed.js shows it if its address names them. */
export function makeShopLayer() {
  /** @type {HTMLElement | null} */
  const box = document.querySelector("[data-shops]");
  if (!window.map_main || !box || !box.dataset.shops) return;
  const group = L.layerGroup();
  group.once("add", () => fillLayer(group, box));
  window.maenballo.shopsGroup = group;
}

/**
 * Fetch shops and what draws them, and put them on a layer.
 * @param {L.LayerGroup} group
 * @param {HTMLElement} box
 */
async function fillLayer(group, box) {
  const { shops = "", clusterStyle, clusterScript, lang = "" } = box.dataset;
  const colors = { icon: box.dataset.shopsColor, onIcon: box.dataset.shopsOnColor };
  const [list] = await Promise.all([
    fetchShops(shops),
    loadElement("link", { rel: "stylesheet", href: clusterStyle }),
    loadElement("script", { src: clusterScript }),
  ]);
  const clusters = L.markerClusterGroup({
    chunkedLoading: true,
    showCoverageOnHover: false,
    animate: !isCalm,
    disableClusteringAtZoom: 18,
    maxClusterRadius: 70,
    iconCreateFunction: (cluster) => createIcon("cluster", 44, colors, formatCount(cluster.getChildCount(), lang)),
  });
  clusters.addLayers(list.shops.map((shop) => createMarker(shop, describeShop(list, shop), colors)));
  group.addLayer(clusters);
  window.maenballo.setView({}); // names keep off what has come
}

/**
 * Create the marker of a shop, which shows its name and what vouchers it takes when it is pressed.
 * @param {Shop} shop
 * @param {string} text
 * @param {Colors} colors
 */
function createMarker([lon, lat, name, , payments], text, colors) {
  const icon = createIcon(payments ? "shop shop-onnuri" : "shop", 14, colors);
  const marker = L.marker([lat, lon], { icon: icon, title: text, alt: text });
  const dot = { id: `${lon} ${lat} ${name}`, name: text, lon: lon, lat: lat, takesVouchers: Boolean(payments) };
  return marker.on("click", () => window.maenballo.markShop(dot));
}

/**
 * Create an icon of a shop, or of a cluster with its number.
 * @param {string} className
 * @param {number} size pixels
 * @param {Colors} colors of the layer
 * @param {string} [text]
 */
function createIcon(className, size, colors, text) {
  return L.divIcon({ html: paintIcon(createElement("span", className, text), colors), className: "icon-box", iconSize: [size, size] });
}

/**
 * Load a script or a style by adding its element to the page.
 * @param {"link" | "script"} tag
 * @param {Record<string, string | undefined>} attributes
 */
function loadElement(tag, attributes) {
  return new Promise(function (resolve, reject) {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}
