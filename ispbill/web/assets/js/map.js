// The network map: places come as GeoJSON, are drawn in clusters of all kinds, and say in a popup what they are. Only on its page.
import L from "leaflet";
import "leaflet.markercluster";

import { LANGUAGE } from "./language.js";
import { coverage } from "./map/coverage.js";
import { clusterIcon, pin } from "./map/pins.js";
import { closeByKey, description, tell, tellByKey } from "./map/popup.js";

const place = document.getElementById("network-map");
const status = document.querySelector("[data-map-status]");
const KINDS = ["customers", "naps", "lcps"];
// From here on a street is told apart: only what would lie on each other is one cluster.
const NEAR = 17;
const [FAR_RADIUS, NEAR_RADIUS] = [96, 36];
const NOWHERE = { center: [12.5, 122], zoom: 5 };

const map = L.map(place, { preferCanvas: true, zoomSnap: 0.5, maxZoom: 19 }).setView(NOWHERE.center, NOWHERE.zoom);
map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
L.control.scale().addTo(map);
closeByKey(map);
let allDrawn = () => {};
let drawn = Promise.resolve();
// A group that is not on the map yet compares each place with all others, so it goes there first.
const group = grouped().addTo(map);
if (place.dataset.tiles) addTiles();
start();

async function start() {
  const answers = await Promise.all(KINDS.map(load));
  if (answers.includes(null)) return say(place.dataset.sayFailed);
  const places = Object.fromEntries(KINDS.map((kind, index) => [kind, answers[index].features]));
  const all = Object.values(places).flat();
  begin(all);
  switchable(coverage(places.naps, place), markersOf(places));
  await drawn;
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

function markersOf(places) {
  const made = {};
  for (const kind of KINDS) {
    document.querySelector(`[data-count="${kind}"]`).textContent = places[kind].length.toLocaleString(LANGUAGE);
    made[kind] = places[kind].map((feature) => marker(kind, feature));
  }
  return made;
}

function grouped() {
  const group = L.markerClusterGroup({
    chunkedLoading: true, chunkDelay: 10, showCoverageOnHover: false,
    maxClusterRadius: (zoom) => (zoom < NEAR ? FAR_RADIUS : NEAR_RADIUS),
    iconCreateFunction: (cluster) => clusterIcon(KINDS, cluster.getAllChildMarkers(), place.dataset),
    chunkProgress: (done, total) => done === total && allDrawn(),
  });
  return group.on("click keypress", ({ type, originalEvent, layer: one }) => {
    if (type === "click") tell(map, one, description(one.kind, one.feature, place));
    else if (originalEvent.key === "Enter") tellByKey(map, one, description(one.kind, one.feature, place));
  });
}

/** Put these markers on the map instead of those that are there, after what is still being put there. */
function draw(markers) {
  drawn = drawn.then(() => new Promise((resolve) => {
    allDrawn = resolve;
    group.clearLayers();
    group.addLayers(markers());
  }));
}

function marker(kind, feature) {
  const { name, code, account_number: account } = feature.properties;
  const one = L.marker(at(feature), { icon: pin(kind, feature.properties), title: [code, name, account].filter(Boolean).join(" · ") });
  return Object.assign(one, { kind, feature });
}

function at({ geometry: { coordinates: [longitude, latitude] } }) {
  return [latitude, longitude];
}

function switchable(reach, markers) {
  const box = (name) => document.querySelector(`[data-layer="${name}"]`);
  const redraw = () => draw(() => KINDS.filter((kind) => box(kind).checked).flatMap((kind) => markers[kind]));
  const follow = () => (box("coverage").checked ? reach.addTo(map) : reach.remove());
  for (const kind of KINDS) box(kind).addEventListener("change", redraw);
  box("coverage").addEventListener("change", follow);
  follow();
  redraw();
}

function begin(features) {
  const { latitude, longitude } = place.dataset;
  if (latitude) return map.setView([Number(latitude), Number(longitude)], 18);
  const bounds = L.latLngBounds(features.map(at));
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 18, animate: false });
}

function addTiles() {
  const credit = document.createElement("span");
  credit.textContent = place.dataset.attribution;
  L.tileLayer(place.dataset.tiles, { maxZoom: 19, attribution: credit.innerHTML, referrerPolicy: "strict-origin-when-cross-origin" }).addTo(map);
}

function say(words) {
  status.textContent = words;
}
