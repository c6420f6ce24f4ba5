// Colours that scripts give to Leaflet, which takes no variables of CSS. Those of layers come from Python.

export const CASING = "#fffaf3"; // the light edge of a line
export const INK = "#2b211a"; // --ink: the border of what was chosen
export const WAY = "#1668c7"; // --focus: from a place to a trail, and where one is on it
export const WAY_EDGE = "#fff";
