// The switch of languages keeps what the address asks for: a search, a day, a chosen place.

/** Make the links to the page in other languages carry the rest of the address. */
export function connectLanguages() {
  document.addEventListener("click", function (event) {
    const { target } = event;
    /** @type {HTMLAnchorElement | null} */
    const link = target instanceof Element ? target.closest(".languages a[hreflang]") : null;
    if (link) link.href = carryAddress(link.href, location);
  });
}

/**
 * Return a link with all parameters that it does not have itself, and with the place on the page.
 * @param {string} link
 * @param {{ search: string, hash: string }} address
 */
function carryAddress(link, { search, hash }) {
  const url = new URL(link);
  const own = new Set(["lang", ...url.searchParams.keys()]);
  for (const [name, value] of new URLSearchParams(search)) {
    if (!own.has(name)) url.searchParams.append(name, value);
  }
  url.hash = hash;
  return url.href;
}
