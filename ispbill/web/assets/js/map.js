// The network map: places come as GeoJSON, are drawn in clusters, and say in a popup what they are. Only on its page.
import L from "leaflet";
import "leaflet.markercluster";

import { LANGUAGE } from "./language.js";
import { coverage } from "./map/coverage.js";
import { cluster, pin } from "./map/pins.js";
import { closeByKey, description, tell, tellByKey } from "./map/popup.js";

const place = document.getElementById("network-map");
const status = document.querySelector("[data-map-status]");
const NOWHERE = { center: [12.5, 122], zoom: 5 };

const map = L.map(place, { preferCanvas: true, zoomSnap: 0.5, maxZoom: 19 }).setView(NOWHERE.center, NOWHERE.zoom);
map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
L.control.scale().addTo(map);
closeByKey(map);
if (place.dataset.tiles) addTiles();
start();

async function start() {
  const kinds = ["customers", "naps", "lcps"];
  const answers = await Promise.all(kinds.map(load));
  if (answers.includes(null)) return say(place.dataset.sayFailed);
  const layers = Object.fromEntries(kinds.map((kind, index) => [kind, layerOf(kind, answers[index].features)]));
  layers.coverage = coverage(answers[1].features, place);
  begin(layers);
  switchable(layers);
  const total = answers.reduce((sum, { features }) => sum + features.length, 0);
  say(total ? "" : place.dataset.sayEmpty);
  place.dataset.ready = "true";
}

async function load(kind) {
  try {
    const answer = await fetch(place.dataset[kind], { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function layerOf(kind, features) {
  const layer = kind === "lcps" ? L.featureGroup() : L.markerClusterGroup({
    chunkedLoading: true, showCoverageOnHover: false, maxClusterRadius: 60, iconCreateFunction: (group) => cluster(kind, group),
  });
  const markers = features.map((feature) => marker(kind, feature));
  if (kind === "lcps") markers.forEach((one) => layer.addLayer(one));
  else layer.addLayers(markers);
  document.querySelector(`[data-count="${kind}"]`).textContent = features.length.toLocaleString(LANGUAGE);
  return layer;
}

function marker(kind, feature) {
  const [longitude, latitude] = feature.geometry.coordinates;
  const { name, code, account_number: account } = feature.properties;
  const one = L.marker([latitude, longitude], { icon: pin(kind, feature.properties), title: [code, name, account].filter(Boolean).join(" · ") });
  one.on("click keypress", ({ type, originalEvent }) => {
    if (type === "click") tell(map, one, description(kind, feature, place));
    else if (originalEvent.key === "Enter") tellByKey(map, one, description(kind, feature, place));
  });
  return one;
}

function switchable(layers) {
  for (const box of document.querySelectorAll("[data-layer]")) {
    const layer = layers[box.dataset.layer];
    const follow = () => (box.checked ? map.addLayer(layer) : map.removeLayer(layer));
    box.addEventListener("change", follow);
    follow();
  }
}

function begin(layers) {
  const { latitude, longitude } = place.dataset;
  if (latitude) return map.setView([Number(latitude), Number(longitude)], 17);
  const bounds = L.latLngBounds([]);
  for (const kind of ["customers", "naps", "lcps"]) bounds.extend(layers[kind].getBounds());
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 17, animate: false });
}

function addTiles() {
  const credit = document.createElement("span");
  credit.textContent = place.dataset.attribution;
  L.tileLayer(place.dataset.tiles, { maxZoom: 19, attribution: credit.innerHTML, referrerPolicy: "strict-origin-when-cross-origin" }).addTo(map);
}

function say(words) {
  status.textContent = words;
}
