// The network map: places come as GeoJSON, are drawn in clusters, and say in a popup what they are. Only on its page.
import L from "leaflet";
import "leaflet.markercluster";

import { LANGUAGE } from "./language.js";
import { coverage } from "./map/coverage.js";
import { cluster, pin } from "./map/pins.js";
import { closeByKey, description, tell, tellByKey } from "./map/popup.js";

const place = document.getElementById("network-map");
const status = document.querySelector("[data-map-status]");
// Fewest first: the plant stands while customers are still being clustered.
const KINDS = ["lcps", "naps", "customers"];
const WORDS = { customers: "sayCustomers", naps: "sayNaps" };
const NOWHERE = { center: [12.5, 122], zoom: 5 };

const map = L.map(place, { preferCanvas: true, zoomSnap: 0.5, maxZoom: 19 }).setView(NOWHERE.center, NOWHERE.zoom);
map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
L.control.scale().addTo(map);
closeByKey(map);
if (place.dataset.tiles) addTiles();
start();

async function start() {
  const answers = await Promise.all(KINDS.map(load));
  if (answers.includes(null)) return say(place.dataset.sayFailed);
  const places = Object.fromEntries(KINDS.map((kind, index) => [kind, answers[index].features]));
  const all = Object.values(places).flat();
  begin(all);
  const layers = { coverage: coverage(places.naps, place) };
  for (const kind of KINDS) layers[kind] = await layerOf(kind, places[kind]);
  switchable(layers);
  say(all.length ? "" : place.dataset.sayEmpty);
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

/** The layer with all its places. A group that is not on the map yet compares each place with all others, so it goes there first. */
async function layerOf(kind, features) {
  document.querySelector(`[data-count="${kind}"]`).textContent = features.length.toLocaleString(LANGUAGE);
  const markers = features.map((feature) => marker(kind, feature));
  const layer = kind === "lcps" ? L.featureGroup(markers).addTo(map) : await clustered(kind, markers);
  return layer.on("click keypress", ({ type, originalEvent, layer: one }) => {
    if (type === "click") tell(map, one, description(kind, one.feature, place));
    else if (originalEvent.key === "Enter") tellByKey(map, one, description(kind, one.feature, place));
  });
}

function clustered(kind, markers) {
  return new Promise((resolve) => {
    const layer = L.markerClusterGroup({
      chunkedLoading: true, chunkDelay: 10, showCoverageOnHover: false, maxClusterRadius: 60,
      iconCreateFunction: (group) => cluster(kind, group, place.dataset[WORDS[kind]]),
      chunkProgress: (done) => done === markers.length && resolve(layer),
    });
    map.addLayer(layer);
    layer.addLayers(markers);
  });
}

function marker(kind, feature) {
  const { name, code, account_number: account } = feature.properties;
  const one = L.marker(at(feature), { icon: pin(kind, feature.properties), title: [code, name, account].filter(Boolean).join(" · ") });
  one.feature = feature;
  return one;
}

function at({ geometry: { coordinates: [longitude, latitude] } }) {
  return [latitude, longitude];
}

function switchable(layers) {
  for (const box of document.querySelectorAll("[data-layer]")) {
    const layer = layers[box.dataset.layer];
    const follow = () => (box.checked ? map.addLayer(layer) : map.removeLayer(layer));
    box.addEventListener("change", follow);
    follow();
  }
}

function begin(features) {
  const { latitude, longitude } = place.dataset;
  if (latitude) return map.setView([Number(latitude), Number(longitude)], 17);
  const bounds = L.latLngBounds(features.map(at));
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
