// Rules for scripts: those that ESLint recommends, and the sizes that the project holds its modules to.

import js from "@eslint/js";
import globals from "globals";

const LEAFLET = { L: "readonly" };
const WORKER = { VERSION: "readonly", KEPT: "readonly", OFFLINE: "readonly", BACKDROP: "readonly", LIMIT_BYTES: "readonly" }; // written by templates/sw.js

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...LEAFLET, GeoJSON: "readonly" } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-lines": ["error", 150],
      "max-lines-per-function": ["error", 80],
      "eqeqeq": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["worker/*.js"], languageOptions: { globals: WORKER } },
];
