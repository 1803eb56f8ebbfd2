// The tooltip's contents as elements: a string would carry style attributes, which the page's policy forbids.
/** A tooltip that lists {name, value, colour} under a title. */
export function tooltip(title, rows, format) {
  const box = element("div", "chart-tip");
  if (title) box.append(element("div", "tip-title", title));
  for (const { name, value, colour } of rows) {
    const row = element("div", "tip-row");
    const dot = element("span", "tip-dot");
    dot.style.backgroundColor = colour;
    row.append(dot, element("span", "", name), element("span", "tip-value", value == null ? "–" : format(value)));
    box.append(row);
  }
  return box;
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
