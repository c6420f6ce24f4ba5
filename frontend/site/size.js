// Large text: one switch, kept on the device, and carried by addresses as ?size=large.

const KEY = "maenballo-size";

/** Return the size that an address asks for, or that was chosen on this device. */
export function readSize() {
  const asked = new URLSearchParams(location.search).get("size");
  if (asked !== null) return asked === "large" ? "large" : "";
  try {
    return localStorage.getItem(KEY) || "";
  } catch {
    return ""; // a private window
  }
}

/**
 * Set the size of all text, and keep it for the next page.
 * @param {string} size "large", or "" for what everybody gets
 */
export function setSize(size) {
  const root = document.documentElement;
  if (size) root.dataset.size = size;
  else delete root.dataset.size;
  try {
    localStorage.setItem(KEY, size);
  } catch {
    // A private window: it holds for this page.
  }
  dispatchEvent(new Event("resize")); // maps and sheets measure themselves anew
}

/** Make the switches of a page work: those of the bar, and of the menu, which says on or off. */
export function connectSizeSwitches() {
  /** @type {NodeListOf<HTMLElement>} */
  const switches = document.querySelectorAll("[data-size-switch]");
  function showSize() {
    const isLarge = document.documentElement.dataset.size === "large";
    for (const button of switches) {
      button.setAttribute("aria-pressed", String(isLarge));
      const end = button.querySelector(".end");
      if (end) end.textContent = (isLarge ? button.dataset.on : button.dataset.off) || "";
    }
  }
  for (const button of switches) {
    button.addEventListener("click", function () {
      setSize(document.documentElement.dataset.size === "large" ? "" : "large");
      showSize();
    });
  }
  showSize();
}
