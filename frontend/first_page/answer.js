// The answer to "what is near?": the nearest open trails, in a list, on the map and in words.

import { createElement, getElement, isCalm } from "../dom.js";
import { findNearest } from "../geo/nearest.js";
import { fillIn, formatCount } from "../text/numbers.js";
import { answerBox, answerTexts, describeWay, listFeatures, listTrails, map, panel, texts } from "./context.js";
import { describePlace } from "./here.js";
import { rememberPlace } from "./sharing.js";
import { createTrailItem, drawWay, findEntrance } from "./trail_item.js";

const MOST_TRAILS = 3;
/** What the answer draws on the map. */
const sketch = map ? L.featureGroup().addTo(map) : null;

/** @param {Nearest<Feature>} near */
const isOpen = ({ feature }) => feature.properties.state === "open";
/** @param {Nearest<Feature>} near */
const isUnknown = ({ feature }) => !["open", "closed", "planned"].includes(feature.properties.state || "");

/**
 * Answer what is near to a place.
 * @param {number} lon
 * @param {number} lat
 * @param {string} heading says which place this is
 */
export function answerFrom(lon, lat, heading) {
  if (!map || !sketch || !answerBox) return;
  const trails = listTrails();
  const allTrails = findNearest(lon, lat, trails, trails.length);
  const openTrails = allTrails.filter(isOpen);
  const nearest = (openTrails.length ? openTrails : allTrails).slice(0, MOST_TRAILS);

  const bounds = drawAnswer(sketch, lon, lat, nearest);
  getElement("near-list").replaceChildren(...nearest.map((near, i) => createTrailItem(near, i + 1)));
  const status = getElement("near-status");
  status.textContent = heading + ". " + describeAnswer(lon, lat, allTrails, nearest).join(" ");
  getElement("here").replaceChildren(describePlace(lon, lat));
  answerBox.hidden = false;
  rememberPlace(lon, lat, allTrails[0]);
  map.fitBounds(bounds, { maxZoom: 17, padding: [40, 40], animate: !isCalm });
  panel.scrollTo({ top: status.offsetTop - 8, behavior: isCalm ? "auto" : "smooth" });
}

/**
 * Draw the place and the lines to trails, in place of those of before.
 * @param {L.FeatureGroup} group
 * @param {number} lon
 * @param {number} lat
 * @param {Nearest<Feature>[]} nearest
 * @returns {L.LatLngBounds} of all that was drawn
 */
function drawAnswer(group, lon, lat, nearest) {
  const place = window.maenballo.toLatLng([lon, lat]);
  group.clearLayers();
  const icon = L.divIcon({ html: createElement("span", "here"), className: "icon-box", iconSize: [18, 18] });
  L.marker(place, { icon: icon, keyboard: false, interactive: false, alt: texts.here }).addTo(group);
  const bounds = L.latLngBounds([place]);
  nearest.forEach(function ({ feature }, i) {
    const entrance = findEntrance(feature, lon, lat);
    drawWay(place, entrance, i === 0).addTo(group);
    bounds.extend(entrance);
  });
  return bounds;
}

/**
 * Write the answer in sentences: the first trail, whether any is open, nearer ones that are not, the foot wash.
 * @param {number} lon
 * @param {number} lat
 * @param {Nearest<Feature>[]} allTrails
 * @param {Nearest<Feature>[]} nearest those that are listed
 */
function describeAnswer(lon, lat, allTrails, nearest) {
  const sentences = nearest.slice(0, 1).map((near) =>
    fillIn(answerTexts.sentence, { name: near.feature.properties.name, ...describeWay(near) }));
  if (!allTrails.some(isOpen)) {
    sentences.push(allTrails.some(isUnknown) ? answerTexts.unsure : answerTexts.closed);
  } else {
    const nearer = allTrails.filter((near) => !isOpen(near) && near.distance_m < nearest[0].distance_m);
    const unknownCount = nearer.filter(isUnknown).length;
    sentences.push(...countTrails(answerTexts.closer, nearer.length - unknownCount));
    sentences.push(...countTrails(answerTexts.closerUnknown, unknownCount));
  }
  const footWashes = listFeatures("facilities").filter(({ properties }) => properties.kind === "foot_wash");
  const [wash] = findNearest(lon, lat, footWashes, 1);
  if (wash && answerTexts.wash) sentences.push(fillIn(answerTexts.wash, describeWay(wash)));
  return sentences;
}

/**
 * Write a sentence that counts trails; none where there are none.
 * @param {string} sentence
 * @param {number} count
 */
function countTrails(sentence, count) {
  return count ? [fillIn(sentence, { count: formatCount(count, texts.lang) })] : [];
}
