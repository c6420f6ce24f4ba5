// Sending the place that was asked about: to somebody, or to the district office.

import { getElement } from "../dom.js";
import { findContaining } from "../geo/containment.js";
import { fillIn } from "../text/numbers.js";
import { openMessage } from "../text/messages.js";
import { answerTexts, listFeatures, writeDistance } from "./context.js";

let placeLink = ""; // of the last place asked about

/**
 * Remember a place, and write what the office is told of it.
 * @param {number} lon
 * @param {number} lat
 * @param {Nearest<Feature> | undefined} near the nearest trail, open or not
 */
export function rememberPlace(lon, lat, near) {
  // Five decimals are a metre.
  placeLink = location.href.split(/[?#]/)[0] + "#at=" + lon.toFixed(5) + "," + lat.toFixed(5);
  const [area] = findContaining(lon, lat, listFeatures("neighborhoods"));
  const trail = near && fillIn(answerTexts.beside, {
    name: near.feature.properties.name,
    along: writeDistance(near.along_m),
    distance: writeDistance(near.distance_m),
  });
  const words = [trail, area && area.properties.name, lat.toFixed(5) + ", " + lon.toFixed(5)];
  getElement("near-tell-text").textContent = words.filter(Boolean).join(" · ") + "\n" + placeLink;
}

/** Let people share the place, and tell the office of it. */
export function offerSharing() {
  const share = getElement("near-share");
  const tell = getElement("near-tell");
  share.addEventListener("click", function () {
    if (!navigator.share) return copyText(placeLink, share);
    return sayWhatHappened(share, "", () => navigator.share({ title: document.title, url: placeLink }));
  });
  tell.addEventListener("click", function () {
    const message = getElement("near-tell-text").textContent || "";
    if (answerTexts.number) openMessage(answerTexts.number, message);
    else copyText(message, tell);
  });
}

/**
 * Copy a text, and say so on the button that was pressed.
 * @param {string} text
 * @param {HTMLElement} button
 */
function copyText(text, button) {
  return sayWhatHappened(button, answerTexts.copied, () => navigator.clipboard.writeText(text));
}

/**
 * Do something that may fail, and say on the button how it went; who changes their mind is told nothing.
 * @param {HTMLElement} button
 * @param {string} done empty to say nothing when it went well
 * @param {() => Promise<void>} act
 */
async function sayWhatHappened(button, done, act) {
  try {
    await act();
    if (done) button.textContent = done;
  } catch (error) {
    const { name } = /** @type {Error} */ (error);
    if (name !== "AbortError") button.textContent = answerTexts.failed;
  }
}
