// What every page for residents has: large text, and a menu.

import { connectLanguages } from "../site/languages.js";
import { connectMenus } from "../site/menu.js";
import { connectSizeSwitches } from "../site/size.js";

connectSizeSwitches();
connectMenus();
connectLanguages();
