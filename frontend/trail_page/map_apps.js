// The way there in an app of the telephone. Links lead to pages that any browser opens; only a tap on a
// telephone tries the app first, and where there is none the page is opened after all.

const WAIT_MS = 1500;
const isAndroid = /Android/.test(navigator.userAgent);
// An iPad calls itself a Macintosh, but has fingers on it.
const isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

/** Let the links to maps open their apps, on telephones alone. */
export function offerMapApps() {
  if (!isAndroid && !isApple) return;
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll("#way a[data-app]");
  for (const link of links) {
    const { app = "", android = "", ownMap } = link.dataset;
    if (ownMap !== undefined) {
      link.hidden = false;
      // iPhones do not know geo: addresses; the link itself leads to Apple's map there.
      if (isAndroid) link.addEventListener("click", (event) => openAddress(event, app));
    } else if (isAndroid && android) {
      // The browser itself opens the page where the app is not installed.
      const page = "S.browser_fallback_url=" + encodeURIComponent(link.href) + ";end";
      link.addEventListener("click", (event) => openAddress(event, android.replace(/end$/, page)));
    } else if (isApple) {
      link.addEventListener("click", (event) => openApp(event, app, link.href));
    }
  }
}

/**
 * Open an address in place of that of the link.
 * @param {Event} event
 * @param {string} address
 */
function openAddress(event, address) {
  event.preventDefault();
  location.href = withPage(address);
}

/**
 * Open an app, and the page of the link where nothing has come in front of this one meanwhile.
 * @param {Event} event
 * @param {string} app
 * @param {string} page
 */
function openApp(event, app, page) {
  openAddress(event, app);
  const timer = setTimeout(() => document.hidden || (location.href = page), WAIT_MS);
  document.addEventListener("visibilitychange", () => clearTimeout(timer), { once: true });
}

/**
 * Write into an address the page that asks, which Naver's app wants to know.
 * @param {string} address
 */
function withPage(address) {
  return address.replace("PAGE", encodeURIComponent(location.href.split(/[?#]/)[0]));
}
