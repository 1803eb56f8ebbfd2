// How far each NAP reaches: circles on one canvas, so that thousands of them cost little.
import L from "leaflet";

/** A layer with the reach of every NAP, in the theme's colour. */
export function coverage(features, place) {
  const colour = getComputedStyle(place).getPropertyValue("--chart-4").trim() || "purple";
  const circles = features.map(({ geometry: { coordinates: [longitude, latitude] }, properties }) =>
    L.circle([latitude, longitude], {
      radius: properties.max_drop_metres, color: colour, weight: 1, fillOpacity: 0.12, interactive: false,
    }),
  );
  return L.layerGroup(circles);
}
