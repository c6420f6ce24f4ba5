// The page of a trail: walking along the profile, the way there, sharing, and a message to the district office.

import { followChecks } from "../days/checks.js";
import { followInstead } from "../days/instead.js";
import { offerMapApps } from "../trail_page/map_apps.js";
import { offerMessage, writeMessage } from "../trail_page/message.js";
import { offerWalking } from "../trail_page/profile.js";
import { offerSharing } from "../site/share.js";

const profile = document.getElementById("profile");
followChecks();
followInstead();
offerMessage();
offerMapApps();
offerSharing();
if (profile) offerWalking(profile, writeMessage);
