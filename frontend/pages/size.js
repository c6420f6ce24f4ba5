// Runs before a page is drawn: it says that there is a script, and how large the text is.

import { readSize } from "../site/size.js";

document.documentElement.classList.add("js");
const size = readSize();
if (size) document.documentElement.dataset.size = size;
