// The map in another site's page has shops, too.

import { makeShopLayer } from "../shops/layers.js";

makeShopLayer();
