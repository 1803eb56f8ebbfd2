// Turns our small chart description into ECharts' options. A description never holds colours: those are the theme's.
import { formatterFor } from "./numbers.js";
import { tooltip } from "./tooltip.js";

// In minor units: where all is nothing, the axis does not say so five times.
const SMALLEST_STEP = 100;
// So few labels are all shown, long ones on two lines.
const FEW = 6;

/** The options for {kind, unit, currency, labels, series} in the given colours. */
export function optionsFor(spec, palette) {
  const format = formatterFor(spec);
  const shared = {
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    color: palette.series,
    textStyle: { fontFamily: palette.font, color: palette.muted },
    legend: legend(spec, palette),
  };
  return { ...shared, ...(spec.kind === "donut" ? donut(spec, palette, format) : axes(spec, palette, format)) };
}

function legend(spec, palette) {
  return {
    show: spec.kind === "donut" || spec.series.length > 1,
    ...(spec.kind === "donut" ? { left: "center", bottom: 0 } : { left: 0, top: 0 }),
    // On a phone three long names do not fit: they are turned over instead of falling into the chart.
    type: "scroll",
    pageIconColor: palette.text,
    pageTextStyle: { color: palette.text },
    icon: "circle",
    itemWidth: 8,
    itemHeight: 8,
    itemGap: 16,
    textStyle: { color: palette.text, fontSize: 13 },
    inactiveColor: palette.line,
  };
}

function tipStyle(palette) {
  return { backgroundColor: palette.surface, borderColor: palette.line, borderWidth: 1, padding: [8, 12], confine: true,
    textStyle: { color: palette.text }, extraCssText: "border-radius:8px;box-shadow:0 8px 24px rgba(0,0,0,.14)" };
}

function axes(spec, palette, format) {
  const isBar = spec.kind === "bar" || spec.kind === "stacked";
  return {
    grid: { left: 4, right: 8, top: spec.series.length > 1 ? 40 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      ...tipStyle(palette),
      trigger: "axis",
      axisPointer: isBar ? { type: "shadow", shadowStyle: { color: palette.line, opacity: 0.4 } } : { type: "line", lineStyle: { color: palette.muted } },
      formatter: (points) => tooltip(points[0].name, points.map(row), format.long),
    },
    xAxis: {
      type: "category",
      data: spec.labels,
      boundaryGap: isBar,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.line } },
      axisLabel: { color: palette.muted, fontSize: 12, ...(spec.labels.length > FEW ? { hideOverlap: true } : { interval: 0, lineHeight: 15, formatter: broken }) },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      minInterval: { count: 1, money: SMALLEST_STEP }[spec.unit] ?? 0,
      splitLine: { lineStyle: { color: palette.line } },
      axisLabel: { color: palette.muted, fontSize: 12, formatter: format.short },
    },
    series: spec.series.map((series, i) => (isBar ? bar(series, spec, i) : line(series, spec, palette.series[i]))),
  };
}

function broken(label) {
  return label.length > 8 ? label.replace(" ", "\n") : label;
}

function row({ seriesName, value, color }) {
  return { name: seriesName, value, colour: color };
}

function bar(series, spec, index) {
  const stacked = spec.kind === "stacked";
  const isTop = !stacked || index === spec.series.length - 1;
  return {
    type: "bar",
    name: series.name,
    data: series.values,
    stack: stacked ? "all" : undefined,
    barMaxWidth: stacked ? 32 : 22,
    barGap: "20%",
    itemStyle: { borderRadius: isTop ? [3, 3, 0, 0] : 0 },
  };
}

function line(series, spec, colour) {
  return {
    type: "line",
    name: series.name,
    data: series.values,
    symbol: "circle",
    symbolSize: 6,
    showSymbol: spec.labels.length < 2,
    lineStyle: { width: 2 },
    areaStyle: spec.kind === "area" ? { color: colour, opacity: 0.12 } : undefined,
  };
}

function donut(spec, palette, format) {
  const [series] = spec.series;
  return {
    tooltip: {
      ...tipStyle(palette),
      trigger: "item",
      formatter: ({ name, value, color }) => tooltip("", [{ name, value, colour: color }], format.long),
    },
    series: [{
      type: "pie",
      name: series.name,
      radius: ["52%", "74%"],
      center: ["50%", "40%"],
      label: { show: false },
      emphasis: { scale: false },
      itemStyle: { borderColor: palette.surface, borderWidth: 2 },
      data: spec.labels.map((name, i) => ({ name, value: series.values[i] })),
    }],
  };
}
