// Draws every [data-chart] from its JSON, with the theme's colours, and again when theme or size change, or it is printed.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { readPalette } from "./charts/colours.js";
import { fillTable } from "./charts/data-table.js";
import { listenToKeys } from "./charts/keys.js";
import { optionsFor } from "./charts/options.js";
import { onThemeChange } from "./theme-switch.js";

echarts.use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const drawn = new Map();
const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => drawn.get(target)?.chart.resize()));

async function drawAll(root) {
  forgetRemoved();
  for (const place of root.querySelectorAll("[data-chart]")) {
    if (!drawn.has(place)) await draw(place);
  }
}

async function draw(place) {
  const spec = await readSpec(place);
  if (!spec || drawn.has(place)) return;
  const chart = echarts.init(place, null, { renderer: "svg" });
  drawn.set(place, { chart, spec });
  chart.setOption(optionsFor(spec, readPalette()));
  listenToKeys(place, chart, spec);
  sizes.observe(place);
}

async function readSpec(place) {
  if (!place.dataset.chartUrl) return JSON.parse(document.querySelector(`[data-chart-for="${place.id}"]`).textContent);
  const answer = await fetch(place.dataset.chartUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return null;
  const spec = await answer.json();
  fillTable(place, spec);
  return spec;
}

function forgetRemoved() {
  for (const [place, { chart }] of drawn) {
    if (place.isConnected) continue;
    sizes.unobserve(place);
    chart.dispose();
    drawn.delete(place);
  }
}

// Paper takes what stands there at once, so the drawing does not wait for the next frame.
function redraw() {
  const palette = readPalette();
  drawn.forEach(({ chart, spec }) => {
    chart.setOption({ ...optionsFor(spec, palette), animation: false }, true);
    chart.getZr().flush();
  });
}

onThemeChange(redraw);
window.matchMedia("print").addEventListener("change", redraw);

window.ispbillCharts = { drawAll };
