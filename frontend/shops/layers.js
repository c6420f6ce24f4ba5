// The layers of shops: fetched when they are switched on for the first time, drawn in clusters.

import { createElement, isCalm, paintIcon } from "../dom.js";
import { formatCount } from "../text/numbers.js";
import { createShopCard } from "./card.js";
import { fetchShops } from "./fetching.js";

/** @typedef {import("./fetching.js").Shop} Shop */
/** @typedef {import("./fetching.js").ShopList} ShopList */
/** @typedef {{ icon?: string, onIcon?: string }} Colors */

/** Add the layers of all shops and of those that take the vouchers to the list of layers, where there are shops. */
export function addShopLayers() {
  /** @type {HTMLElement | null} */
  const box = document.querySelector("[data-shops]");
  const { control } = window.maenballo;
  if (!window.map_main || !control || !box || !box.dataset.shops) return;
  window.maenballo.shopsGroup = addShopLayer(control, box, box.dataset.shopsTitle, () => true);
  // Where no shop says whether it takes vouchers, there is no such layer.
  if (box.dataset.onnuriTitle) addShopLayer(control, box, box.dataset.onnuriTitle, ([, , , , payments]) => Boolean(payments));
}

/**
 * Add a layer of shops to the list of layers.
 * @param {L.Control.Layers} control
 * @param {HTMLElement} box with the addresses as data
 * @param {string | undefined} title
 * @param {(shop: Shop) => boolean} isShown
 */
function addShopLayer(control, box, title, isShown) {
  const group = L.layerGroup();
  let isFilled = false;
  group.on("add", function () {
    if (isFilled) return;
    isFilled = true;
    fillLayer(group, box, isShown);
  });
  // The control takes a name as markup.
  control.addOverlay(group, createElement("span", "", title).outerHTML);
  return group;
}

/**
 * Fetch shops and what draws them, and put them on a layer.
 * @param {L.LayerGroup} group
 * @param {HTMLElement} box
 * @param {(shop: Shop) => boolean} isShown
 */
async function fillLayer(group, box, isShown) {
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
  clusters.addLayers(list.shops.filter(isShown).map((shop) => createMarker(list, shop, colors)));
  group.addLayer(clusters);
}

/**
 * Create the marker of a shop.
 * @param {ShopList} list
 * @param {Shop} shop
 * @param {Colors} colors
 */
function createMarker(list, shop, colors) {
  const [lon, lat, name, , payments] = shop;
  const icon = createIcon(payments ? "shop shop-onnuri" : "shop", 14, colors);
  const marker = L.marker([lat, lon], { icon: icon, title: name, alt: name });
  return marker.bindPopup(() => createShopCard(list, shop), { maxWidth: 280 });
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
