// The signs of sprite.html, which every page has.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Create a sign.
 * @param {string} name as in sprite.html, without "i-"
 * @param {string} [className]
 */
export function createIcon(name, className = "i") {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", className);
  icon.setAttribute("viewBox", name === "brand" || name === "ground" ? "0 0 48 48" : "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", "#i-" + name);
  icon.append(use);
  return icon;
}
