// The map in another site's page has shops, too.

import { addShopLayers } from "../shops/layers.js";

addShopLayers();
