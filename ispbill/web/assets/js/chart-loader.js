// Fetches the chart bundle only on pages that hold a chart, once.
let bundle = null;

/** Draw the charts below an element, loading the bundle first where needed. */
export async function startCharts(root) {
  if (!root.querySelector?.("[data-chart]")) return;
  bundle ??= load(document.body.dataset.charts);
  await bundle;
  window.ispbillCharts.drawAll(root);
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}
