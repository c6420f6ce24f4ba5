// The profile of a trail: walking along it, on the profile and on the map at one place.

import { WAY, WAY_EDGE } from "../colors.js";
import { getElement, getField } from "../dom.js";
import { fillIn, formatDistance, formatMetres } from "../text/numbers.js";

/** @typedef {[along_m: number, height_m: number, lon: number, lat: number, x: number, y: number]} ProfilePoint */
/** @typedef {{ along: string, lon: number, lat: number }} TrailPlace */

/**
 * Let people walk along the profile by finger, mouse and keys.
 * @param {HTMLElement} profile
 * @param {(place: TrailPlace) => void} onWalk is told each place
 */
export function offerWalking(profile, onWalk) {
  /** @type {ProfilePoint[]} */
  const points = JSON.parse(profile.dataset.points || "[]");
  const svg = profile.querySelector("svg");
  const slider = getField("profile-at");
  const dot = createDot();
  if (!svg) return;
  const { lang = "", say = "" } = profile.dataset;

  /** @param {number} number of the point */
  function showPoint(number) {
    const [along_m, height_m, lon, lat, x, y] = points[number];
    const along = formatDistance(along_m, lang);
    moveMark(svg, x, y);
    if (dot && window.map_main) dot.setLatLng([lat, lon]).addTo(window.map_main);
    const sentence = fillIn(say, { distance: along, height: formatMetres(height_m, lang) });
    getElement("profile-said").textContent = sentence;
    slider.setAttribute("aria-valuetext", sentence);
    onWalk({ along: along, lon: lon, lat: lat });
  }

  /** @param {PointerEvent} event */
  const showPointed = function (event) {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const number = findNearestPoint(points, x);
    slider.value = String(number);
    showPoint(number);
  };
  svg.addEventListener("pointermove", showPointed);
  svg.addEventListener("pointerdown", showPointed);
  slider.addEventListener("input", () => showPoint(Number(slider.value)));
  const row = slider.closest("p");
  if (row) row.hidden = false;
}

/** Create the dot on the map; a page without a map has none. */
function createDot() {
  if (!window.map_main) return null;
  return L.circleMarker([0, 0], {
    radius: 8, color: WAY_EDGE, weight: 3, fillColor: WAY, fillOpacity: 1, interactive: false,
  });
}

/**
 * Move the mark of the profile.
 * @param {SVGSVGElement | null} svg
 * @param {number} x
 * @param {number} y
 */
function moveMark(svg, x, y) {
  const mark = svg && svg.querySelector(".profile-mark");
  if (!mark) return;
  mark.setAttribute("visibility", "visible");
  setAttributes(mark.querySelector("line"), { x1: x, x2: x });
  setAttributes(mark.querySelector("circle"), { cx: x, cy: y });
}

/**
 * Set numbers as attributes.
 * @param {Element | null} element
 * @param {Record<string, number>} attributes
 */
function setAttributes(element, attributes) {
  if (!element) return;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/**
 * Find the number of the point that is nearest across the profile.
 * @param {ProfilePoint[]} points
 * @param {number} wantedX
 */
function findNearestPoint(points, wantedX) {
  const distances = points.map(([, , , , x]) => Math.abs(x - wantedX));
  return distances.indexOf(Math.min(...distances));
}
