// What the signs of the map mean, below the list of its layers.

import { createElement, paintIcon } from "../dom.js";
import { drawPictogram } from "../map/pictograms.js";

/**
 * Add the legend to the control that lists the layers.
 * @param {L.Map} map
 * @param {LegendEntry[]} entries
 */
export function addLegend(map, entries) {
  const layerList = map.getContainer().querySelector(".leaflet-control-layers-list");
  if (!layerList || !entries.length) return;
  const legend = createElement("ul", "legend");
  for (const entry of window.maenballoDays ? window.maenballoDays.legend(entries) : entries) {
    const picture = paintIcon(createElement("span", "legend-picture " + entry.className), entry);
    if (entry.kind) picture.append(drawPictogram(entry.kind));
    const row = createElement("li");
    row.append(picture, createElement("span", "", entry.text));
    legend.append(row);
  }
  layerList.append(legend);
}
