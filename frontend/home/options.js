// The options of the search as they stand in its list: in groups, with what fits marked.

import { createElement } from "../dom.js";
import { createIcon } from "../site/icons.js";
import { makeFinders } from "../text/hangul.js";
import { markKorean } from "../text/scripts.js";

/** @typedef {import("./results.js").Result} Result */

/**
 * Create the groups of the list; the options of all of them are numbered in one row.
 * @param {import("./results.js").Group[]} groups
 * @param {string} query
 */
export function createGroups(groups, query) {
  let position = 0;
  return groups.map(function (group, i) {
    const heading = createElement("div", "results-title", group.title);
    heading.id = `results-${i}`;
    heading.setAttribute("role", "presentation");
    const part = createElement("div");
    part.setAttribute("role", "group");
    part.setAttribute("aria-labelledby", heading.id);
    part.append(heading, ...group.results.map((result) => createOption(result, query, position++)));
    return part;
  });
}

/**
 * Create an option of the list, with the part of its name that fits marked.
 * @param {Result} result
 * @param {string} query
 * @param {number} position
 */
function createOption({ icon, name, note }, query, position) {
  const option = createElement("div", "result");
  option.id = `result-${position}`;
  option.dataset.position = String(position);
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const words = createElement("bdi");
  const match = makeFinders(query).map((finder) => finder.exec(name)).find(Boolean);
  if (match) {
    const end = match.index + match[0].length;
    words.append(name.slice(0, match.index), createElement("mark", "", match[0]), name.slice(end));
  } else words.textContent = name;
  option.append(createIcon(icon), markKorean(words), markKorean(createElement("small", "num", note)));
  return option;
}
