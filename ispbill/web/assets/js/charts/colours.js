// Reads the theme's colours. ECharts mixes colours itself and knows only rgb, so a canvas translates whatever CSS says.
const SERIES = 6;
const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** The colours of the theme in force. */
export function readPalette() {
  const style = getComputedStyle(document.body);
  const read = (name) => asRgb(style.getPropertyValue(name).trim());
  return {
    series: Array.from({ length: SERIES }, (_, i) => read(`--chart-${i + 1}`)),
    text: read("--color-base-content"),
    muted: read("--muted"),
    line: read("--line"),
    surface: read("--color-base-100"),
    font: style.fontFamily,
  };
}

function asRgb(colour) {
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`;
}
