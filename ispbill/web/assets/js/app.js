// What every page runs: htmx for parts of pages, Alpine for what opens and closes. Each behaviour has a module of its own.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

import { announceSwaps, dropEmptyFilters, followRedirects, reportFailures } from "./answers.js";
import { startCharts } from "./chart-loader.js";
import { confirmOnce } from "./confirm.js";
import { dialog } from "./dialog.js";
import { drawer } from "./drawer.js";
import { folded } from "./folded.js";
import { focusErrors } from "./form-errors.js";
import { shrinkPictures } from "./pictures.js";
import { startSearchBox } from "./search-box.js";
import { startShortcuts } from "./shortcut.js";
import { showCurrent } from "./tabs.js";
import { themeSwitch } from "./theme-switch.js";
import { ticks } from "./ticks.js";
import { toast } from "./toast.js";

Alpine.data("theme", themeSwitch);
Alpine.data("drawer", drawer);
Alpine.data("folded", folded);
Alpine.data("dialog", () => dialog(htmx));
Alpine.data("ticks", ticks);
Alpine.data("toast", toast);

announceSwaps();
dropEmptyFilters();
followRedirects();
reportFailures();
shrinkPictures();
confirmOnce();
startShortcuts();
startSearchBox();

document.addEventListener("DOMContentLoaded", () => {
  Alpine.start();
  focusErrors(document);
  showCurrent(document);
  startCharts(document);
});
document.addEventListener("htmx:afterSettle", (event) => startCharts(event.target));
