// Prints the numbers of a chart by its unit: money comes in minor units, and only here becomes a decimal, for the eye.
import { LANGUAGE } from "../language.js";

/** {long, short}: the full number for tooltips and tables, and the brief one for axes. */
export function formatterFor(spec) {
  if (spec.unit === "money") return money(spec.currency);
  if (spec.unit === "percent") return percent();
  const long = new Intl.NumberFormat(LANGUAGE);
  const short = new Intl.NumberFormat(LANGUAGE, { notation: "compact" });
  return { long: (value) => long.format(value), short: (value) => short.format(value) };
}

function money(currency) {
  const style = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
  const long = new Intl.NumberFormat(LANGUAGE, style);
  const short = new Intl.NumberFormat(LANGUAGE, { ...style, notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 });
  const scale = 10 ** long.resolvedOptions().maximumFractionDigits;
  return { long: (value) => long.format(value / scale), short: (value) => short.format(value / scale) };
}

function percent() {
  const format = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 });
  const print = (value) => `${format.format(value)} %`;
  return { long: print, short: print };
}
