// What stands on the map for one place, and for many places that lie together. The looks are classes of map.css.
import L from "leaflet";

import { LANGUAGE } from "../language.js";

const SIZES = { customers: 14, naps: 16, lcps: 16 };
const CLASSES = { customers: "map-customer", naps: "map-nap", lcps: "map-lcp" };
const BRIEF = new Intl.NumberFormat(LANGUAGE, { notation: "compact", maximumFractionDigits: 0 });
const known = new Map();

/** The icon of one place; the same looks share one icon. */
export function pin(kind, properties) {
  const looks = [CLASSES[kind], state(kind, properties)].filter(Boolean).join(" ");
  if (!known.has(looks)) known.set(looks, icon(kind, looks));
  return known.get(looks);
}

/** The icon of a cluster: how many there are of what, growing a little with the number. */
export function cluster(kind, group, word) {
  const count = group.getChildCount();
  const size = 28 + 6 * Math.min(4, Math.floor(Math.log10(count)));
  const text = count < 10000 ? count.toLocaleString(LANGUAGE) : BRIEF.format(count);
  return L.divIcon({ className: `map-cluster map-cluster-${kind}`, html: `${text}<span class="sr-only"> ${word}</span>`, iconSize: [size, size] });
}

function icon(kind, looks) {
  // Leaflet moves the outer element by a transform of its own, so a look that turns stands inside.
  return L.divIcon({ className: "", html: `<span class="map-pin ${looks}"></span>`, iconSize: [SIZES[kind], SIZES[kind]] });
}

function state(kind, { status, free_count: free }) {
  if (kind === "customers") return ["suspended", "lead", "terminated"].includes(status) ? `map-${status}` : "";
  return kind === "naps" && free === 0 ? "map-full" : "";
}
