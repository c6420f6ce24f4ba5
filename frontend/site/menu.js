// The menu closes as one expects: by a press elsewhere, and by Escape, which goes back to its button.

/** Make open menus close. */
export function connectMenus() {
  /** @returns {HTMLDetailsElement | null} */
  const findOpen = () => document.querySelector("details.menu[open]");
  document.addEventListener("click", function (event) {
    const menu = findOpen();
    if (menu && !menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
  document.addEventListener("keydown", function (event) {
    const menu = findOpen();
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.stopPropagation();
  });
}
