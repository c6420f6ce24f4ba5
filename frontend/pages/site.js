// What every page for residents has: large text, and a menu.

import { connectMenus } from "../site/menu.js";
import { connectSizeSwitches } from "../site/size.js";

connectSizeSwitches();
connectMenus();
