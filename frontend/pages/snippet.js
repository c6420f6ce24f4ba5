// Writes the snippet for another site where no server does.

import { addDay, readChosenDay } from "../days/address.js";
import { getField } from "../dom.js";

/** @type {HTMLFormElement | null} */
const form = document.querySelector("form.filters");
/** @type {HTMLIFrameElement | null} */
const preview = document.querySelector("iframe.embedded");
if (form && preview) offerSnippet(form, preview);

/**
 * Write the snippet anew whenever a layer is chosen.
 * @param {HTMLFormElement} form
 * @param {HTMLIFrameElement} preview
 */
function offerSnippet(form, preview) {
  const source = preview.getAttribute("src") || "";
  const mapAddress = new URL(source.split("?")[0], location.href).href;

  function showChoice() {
    /** @type {NodeListOf<HTMLInputElement>} */
    const boxes = form.querySelectorAll("[name=layers]:checked");
    const layers = Array.from(boxes, (box) => box.value);
    const address = mapAddress + (layers.length ? "?" + new URLSearchParams({ layers: layers.join(",") }) : "");
    const shown = addDay(address, readChosenDay());
    if (preview.src !== shown) preview.src = shown;
    writeSnippet(address);
  }

  form.hidden = false;
  form.addEventListener("change", showChoice);
  form.addEventListener("submit", (event) => event.preventDefault());
  showChoice();
}

/**
 * Write the markup of a frame with the map.
 * @param {string} address
 */
function writeSnippet(address) {
  const field = getField("snippet");
  const { title = "", width = "", height = "" } = field.dataset;
  const attributes = { src: address, title, width, height, allow: "geolocation", loading: "lazy" };
  const frame = document.createElement("iframe");
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  // The policy of this page forbids the attribute here; the other site's decides there.
  field.value = frame.outerHTML.replace("></iframe>", ' style="border:0;max-width:100%"></iframe>');
}
