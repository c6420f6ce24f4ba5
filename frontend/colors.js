// Colours for Leaflet, which takes no variables of CSS. Layers bring their own.
// Written from mapserver/settings/palette.py by scripts/write_colors.py.

export const INK = "#2b211a";
export const WAY = "#1668c7";
export const WAY_EDGE = "#ffffff";
export const LEAFLET_BLUE = "#2a72b5";

/** The colours that folium.Icon names. @type {Record<string, string>} */
export const FOLIUM_PINS = {
  red: "#d63e2a",
  darkred: "#a13336",
  lightred: "#ff8e7f",
  orange: "#f69730",
  beige: "#d9a066",
  green: "#728224",
  darkgreen: "#436978",
  lightgreen: "#8fb827",
  blue: "#38aadd",
  darkblue: "#00649f",
  lightblue: "#6fb3d9",
  purple: "#a23bc2",
  darkpurple: "#5b396b",
  pink: "#e07bc0",
  cadetblue: "#436978",
  white: "#bdbdbd",
  gray: "#575757",
  lightgray: "#8f8f8f",
  black: "#303030",
};
