// The print button of the poster.

import { getElement } from "../dom.js";

const button = getElement("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
