// The card of a feature. Text from files enters it as textContent only.

import { createElement } from "../dom.js";
import { getPageAddress } from "../map/addresses.js";

/**
 * Create the card of a feature.
 * @param {Feature} feature
 * @param {Drawing} options
 */
export function createCard(feature, options) {
  const caption = feature.properties;
  const card = createElement("div", "card");
  card.append(createElement("strong", "card-name", caption.name));
  const place = [caption.place, options.word].filter(Boolean).join(" · ");
  if (place) card.append(createElement("p", "card-place", place));
  if (caption.stateText) card.append(createElement("p", "state state-" + caption.state, caption.stateText));
  const rows = createElement("dl");
  for (const [label, value] of caption.rows || []) {
    rows.append(createElement("dt", "", label), createElement("dd", "", value));
  }
  if (rows.children.length) card.append(rows);
  const link = createPageLink(options, feature.id);
  if (link) card.append(link);
  if (options.sample) card.append(createElement("p", "card-sample", options.sample));
  return card;
}

/**
 * Create the link to a feature's page; a saved map and a notebook have none.
 * @param {Drawing} options
 * @param {string} id
 */
function createPageLink({ role, hasPages }, id) {
  const { more } = document.body.dataset;
  if (!more || !hasPages) return null;
  const link = createElement("a", "card-more", more);
  link.href = getPageAddress(role, id);
  link.target = "_top"; // also out of another site's frame
  return link;
}
