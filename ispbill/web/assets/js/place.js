// One place on a small map, such as where a customer lives. Only on pages that show one.
import L from "leaflet";

const place = document.getElementById("place-map");
const { latitude, longitude, tiles, attribution, title } = place.dataset;
const point = [Number(latitude), Number(longitude)];

const map = L.map(place, { maxZoom: 19, scrollWheelZoom: false }).setView(point, 16);
map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
L.control.scale().addTo(map);
if (tiles) addTiles();
L.marker(point, { icon: L.divIcon({ className: "", iconSize: [16, 16], html: '<span class="map-pin map-customer"></span>' }), title, keyboard: false }).addTo(map);
place.dataset.ready = "true";

function addTiles() {
  const credit = document.createElement("span");
  credit.textContent = attribution;
  L.tileLayer(tiles, { maxZoom: 19, attribution: credit.innerHTML, referrerPolicy: "strict-origin-when-cross-origin" }).addTo(map);
}
