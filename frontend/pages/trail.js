// The page of a trail: walking along the profile, sharing, and a message to the district office.

import { offerWalking } from "../trail_page/profile.js";
import { offerMessage, offerSharing, writeMessage } from "../trail_page/sharing.js";

const profile = document.getElementById("profile");
const shareButton = document.getElementById("share");
const ownMap = /** @type {HTMLAnchorElement | null} */ (document.getElementById("own-map"));
offerMessage();
if (profile) offerWalking(profile, writeMessage);
if (shareButton) offerSharing(shareButton);
if (ownMap && /iPhone|iPad|Macintosh/.test(navigator.userAgent)) useAppleMaps(ownMap);

/**
 * Lead a link to Apple's map: iPhones do not know geo: addresses.
 * @param {HTMLAnchorElement} link
 */
function useAppleMaps(link) {
  const [lat, lon] = (link.getAttribute("href") || "").slice("geo:".length).split("?")[0].split(",");
  link.href = "https://maps.apple.com/?daddr=" + lat + "," + lon + "&dirflg=w";
}
