// What a place says of itself. Text is set as text, never as markup: it was typed by people.
import L from "leaflet";

const PAGES = { customers: "customerPage", naps: "napPage", lcps: "lcpPage" };

/** The contents of a popup. */
export function description(kind, feature, { dataset }) {
  const box = document.createElement("div");
  box.append(line("map-title", title(feature, dataset[PAGES[kind]])), line("map-detail", details(kind, feature.properties, dataset)));
  return box;
}

/** Say it at the place. */
export function tell(map, one, contents) {
  return L.popup({ offset: [0, -4] }).setLatLng(one.getLatLng()).setContent(contents).openOn(map);
}

/** Say it and go there with the focus, which comes back to the place when the popup closes. */
export function tellByKey(map, one, contents) {
  const popup = tell(map, one, contents);
  popup.getElement().querySelector(".leaflet-popup-content a, .leaflet-popup-close-button")?.focus({ preventScroll: true });
  popup.once("remove", () => one.getElement()?.focus({ preventScroll: true }));
}

/** Esc closes what is open, wherever on the map the focus is. */
export function closeByKey(map) {
  map.getContainer().addEventListener("keydown", ({ key }) => key === "Escape" && map.closePopup());
}

function title({ id, properties }, page) {
  const words = properties.code ?? properties.name ?? "";
  if (!page || !words) return words;
  const link = document.createElement("a");
  link.href = page.replace(/0$/, id);
  link.textContent = words;
  return link;
}

function details(kind, { account_number: account, status, name, port_count: ports, free_count: free, max_drop_metres: reach }, dataset) {
  if (kind === "customers") return [account, JSON.parse(dataset.statuses)[status] ?? status].filter(Boolean).join(" · ");
  if (kind === "lcps") return name;
  return filled(dataset.sayPorts, { free, ports, reach });
}

function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function line(look, contents) {
  const made = document.createElement("p");
  made.className = look;
  made.append(contents);
  return made;
}
