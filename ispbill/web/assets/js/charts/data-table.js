// Fills the table below a chart whose numbers came by request; the server prints the table of all other charts.
import { formatterFor } from "./numbers.js";

/** Write the description's numbers into the table of this chart. */
export function fillTable(place, spec) {
  const table = document.querySelector(`[data-table-for="${place.id}"]`);
  const format = formatterFor(spec).long;
  const heads = [cell("td", ""), ...spec.series.map(({ name }) => cell("th", name, "col"))];
  table.tHead.replaceChildren(row(heads));
  table.tBodies[0].replaceChildren(
    ...spec.labels.map((label, i) =>
      row([cell("th", label, "row"), ...spec.series.map(({ values, links }) => number(values[i], format, links?.[i]))]),
    ),
  );
}

function row(cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

/** A value, as a link where there are rows behind it. */
function number(value, format, address) {
  const made = cell("td", value == null ? "–" : format(value));
  if (!value || !address) return made;
  const link = document.createElement("a");
  link.className = "text-link";
  link.href = address;
  link.append(...made.childNodes);
  made.append(link);
  return made;
}

function cell(tag, text, scope) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (scope) made.scope = scope;
  if (tag === "td") made.className = "cell-number";
  return made;
}
