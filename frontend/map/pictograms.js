// Pictures of facilities and of a trail. They are ours and constant: the only markup that is ever parsed.

/** By kind of facility (mapserver/model/facilities.py): the path of a picture of 24 by 24. @type {Record<string, string>} */
export const PICTOGRAMS = {
  trail: "M7.6 5.2c1.6 0 2.7 2 2.7 4.6 0 2-.6 3-.6 4.4 0 1.2.5 1.9.5 3.1 0 1.5-1 2.5-2.4 2.5-1.7 0-2.6-1.4-2.6-3.4 0-2.6-.9-3.9-.9-6.5 0-2.7 1.4-4.7 3.3-4.7zM16.4 3.2c1.9 0 3.3 2 3.3 4.7 0 2.6-.9 3.9-.9 6.5 0 2-.9 3.4-2.6 3.4-1.4 0-2.4-1-2.4-2.5 0-1.2.5-1.9.5-3.1 0-1.4-.6-2.4-.6-4.4 0-2.6 1.1-4.6 2.7-4.6z",
  foot_wash: "M12 3c3.6 4.2 5.6 7.2 5.6 10A5.6 5.6 0 0 1 12 18.6 5.6 5.6 0 0 1 6.4 13C6.4 10.2 8.4 7.2 12 3zM9.3 13.2c.1 1.5 1 2.5 2.4 2.8M4 21.5h16",
  shoe_rack: "M4 3.5v17M20 3.5v17M4 11h16M4 19h16M7 11V8.5l3-1 2 2.5h4V11M7 19v-2.5l3-1 2 2.5h4v1",
  toilet: "M5.3 4.5a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 0 0-3.4 0M4.5 14V9.2c0-.9.6-1.5 1.5-1.5h2c.9 0 1.5.6 1.5 1.5V14M7 14v6.5M12.5 3v18M15.8 4.5a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 0 0-3.4 0M16.6 7.7h1.8l2.1 7.3h-6zM17.5 15v5.5",
  bench: "M4 9h16v2H4zM3 13h18v2h-2v5h-2v-5H7v5H5v-5H3z",
  entrance: "M5 3h9v18H5zM7 5v14h5V5zM16 11V8l5 4-5 4v-3h-2v-2z",
  light: "M12 3a6 6 0 0 1 3.5 10.9V17h-7v-3.1A6 6 0 0 1 12 3zM9 18h6v1.5H9zM10 20.5h4V22h-4z",
  sign: "M11 2h2v3h6l2 2.5L19 10h-6v12h-2V10H5V5h6z",
  drinking_water: "M5 4h9a4 4 0 0 1 4 4v1h-4V8H5zM9 2h3v3H9zM16 11c1.4 1.9 2.2 3 2.2 4.2a2.2 2.2 0 0 1-4.4 0c0-1.2.8-2.3 2.2-4.2zM4 18h7v3H4z",
  water_source: "M3 7c2-2 4-2 6 0s4 2 6 0 4-2 6 0v3c-2-2-4-2-6 0s-4 2-6 0-4-2-6 0zM3 14c2-2 4-2 6 0s4 2 6 0 4-2 6 0v3c-2-2-4-2-6 0s-4 2-6 0-4-2-6 0z",
  air_blower: "M3 8h11a2 2 0 1 0-2-2h-2a4 4 0 1 1 4 4H3zM3 12h14a3.5 3.5 0 1 1-3.5 3.5h2A1.5 1.5 0 1 0 17 14H3zM3 16h8v2H3z",
  shelter: "M12 3l10 7h-3v11h-2V10H7v11H5V10H2zM9 15h6v2H9z",
  exercise: "M2 10h2V7h3v4h10V7h3v3h2v4h-2v3h-3v-4H7v4H4v-3H2z",
  parking: "M7 3h6.5a5.5 5.5 0 0 1 0 11H10v7H7zM10 6v5h3.2a2.5 2.5 0 0 0 0-5z",
  bus_stop: "M6 3h12a2 2 0 0 1 2 2v13h-2v3h-3v-3H9v3H6v-3H4V5a2 2 0 0 1 2-2zM6 6v6h12V6zM7 14v2h2v-2zM15 14v2h2v-2z",
  waste_bin: "M9 3h6v2h5v2H4V5h5zM6 9h12l-1 12H7zM10 11v8h1v-8zM13 11v8h1v-8z",
  first_aid: "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z",
  viewpoint: "M12 5c5 0 8.5 3.7 10 7-1.5 3.3-5 7-10 7s-8.5-3.7-10-7c1.5-3.3 5-7 10-7zM12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 10.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
  other: "M12 6a6 6 0 1 1 0 12 6 6 0 0 1 0-12z",
};

/** Drawn as a line, as the same signs are in words and tiles (sprite.html). The others are filled. */
const LINES = ["foot_wash", "shoe_rack", "toilet"];

const SVG = "http://www.w3.org/2000/svg";

/**
 * Draw the picture of a kind of facility; one that is not known has the picture of "other".
 * @param {string | undefined} kind
 */
export function drawPictogram(kind) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", (kind && PICTOGRAMS[kind]) || PICTOGRAMS.other);
  if (kind && LINES.includes(kind)) {
    for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"]]) path.setAttribute(name, value);
  }
  svg.appendChild(path);
  return svg;
}
