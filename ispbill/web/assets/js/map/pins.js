// What stands on the map for one place, and for many places that lie together. The looks are classes of map.css.
import L from "leaflet";

import { LANGUAGE } from "../language.js";

const SIZES = { customers: 14, naps: 16, lcps: 16 };
const CLASSES = { customers: "map-customer", naps: "map-nap", lcps: "map-lcp" };
const WORDS = { customers: "sayCustomers", naps: "sayNaps", lcps: "sayLcps" };
const BRIEF = new Intl.NumberFormat(LANGUAGE, { notation: "compact", maximumFractionDigits: 0 });
const known = new Map();

/** The icon of one place; the same looks share one icon. */
export function pin(kind, properties) {
  const looks = [CLASSES[kind], state(kind, properties)].filter(Boolean).join(" ");
  if (!known.has(looks)) known.set(looks, icon(kind, looks));
  return known.get(looks);
}

/** The icon of a cluster: a line for each kind that is in it, with the kind's sign and how many there are. */
export function clusterIcon(kinds, markers, words) {
  const lines = kinds.map((kind) => [kind, markers.filter((one) => one.kind === kind).length]).filter(([, count]) => count);
  const texts = lines.map(([kind, count]) => [kind, count < 10000 ? count.toLocaleString(LANGUAGE) : BRIEF.format(count)]);
  const longest = Math.max(...texts.map(([, text]) => text.length));
  const html = texts.map(([kind, text]) =>
    `<span class="map-many"><span class="map-key ${CLASSES[kind]}"></span>${text}<span class="sr-only"> ${words[WORDS[kind]]} </span></span>`);
  return L.divIcon({ className: "map-cluster", html: html.join(""), iconSize: [31 + 7 * longest, 10 + 18 * lines.length] });
}

function icon(kind, looks) {
  // Leaflet moves the outer element by a transform of its own, so a look that turns stands inside.
  return L.divIcon({ className: "", html: `<span class="map-pin ${looks}"></span>`, iconSize: [SIZES[kind], SIZES[kind]] });
}

function state(kind, { status, free_count: free }) {
  if (kind === "customers") return ["suspended", "lead", "terminated"].includes(status) ? `map-${status}` : "";
  return kind === "naps" && free === 0 ? "map-full" : "";
}
