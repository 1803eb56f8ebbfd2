// A focused chart is read with the arrow keys: the tooltip moves, and the announcer says the same in words.
import { formatterFor } from "./numbers.js";

/** Let the arrow keys, Home, End and Esc move through the points of a chart. */
export function listenToKeys(place, chart, spec) {
  let at = -1;
  const hide = () => chart.dispatchAction({ type: "hideTip" });
  place.addEventListener("blur", hide);
  place.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hide();
    const next = position(event.key, at, spec.labels.length);
    if (next === null) return;
    event.preventDefault();
    at = next;
    chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: at });
    announce(sentence(spec, at));
  });
}

function position(key, at, length) {
  const moves = { ArrowRight: at + 1, ArrowLeft: at < 0 ? length - 1 : at - 1, Home: 0, End: length - 1 };
  return key in moves ? Math.min(Math.max(moves[key], 0), length - 1) : null;
}

function sentence(spec, at) {
  const format = formatterFor(spec).long;
  const values = spec.series.map(({ name, values }) => `${name} ${values[at] == null ? "–" : format(values[at])}`);
  return `${spec.labels[at]}: ${values.join(", ")}`;
}

function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}
