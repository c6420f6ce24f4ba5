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

/** Colours of a backdrop of one's own. @type {Record<string, Record<string, string>>} */
export const STREETS = {
  day: {"ground": "#f1f2ec", "green": "#d9e7d0", "water": "#bcd8e6", "building": "#e2e1d9", "road": "#ffffff", "road-edge": "#cfd3cb", "rail": "#b9beb6", "name": "#56625a", "halo": "#f6f7f2"},
  night: {"ground": "#1c221e", "green": "#22301f", "water": "#16303d", "building": "#262c27", "road": "#3a433c", "road-edge": "#151a17", "rail": "#48524a", "name": "#a3b0a6", "halo": "#151a17"},
  strongDay: {"ground": "#ffffff", "green": "#dcebd2", "water": "#a9cfe4", "building": "#d3d3cb", "road": "#ffffff", "road-edge": "#5d6860", "rail": "#b9beb6", "name": "#1c221e", "halo": "#ffffff"},
  strongNight: {"ground": "#000000", "green": "#16260f", "water": "#0c3145", "building": "#2b322c", "road": "#5d6860", "road-edge": "#000000", "rail": "#48524a", "name": "#dce2dc", "halo": "#000000"},
};
