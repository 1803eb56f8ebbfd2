// What happens around htmx's requests: clean addresses, a sentence for screen readers, a toast where the server fails.
import { showToast } from "./toast.js";

/** Leave empty filters out of the address. */
export function dropEmptyFilters() {
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.verb !== "get" || !(detail.elt instanceof HTMLFormElement)) return;
    for (const name of [...detail.formData.keys()]) {
      if (detail.formData.getAll(name).every((value) => value === "")) detail.formData.delete(name);
    }
  });
}

/** Read out the summary of a part that was replaced, such as “12 customers”. */
export function announceSwaps() {
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    const region = document.getElementById("announcer");
    const summary = target.isConnected ? target : document.getElementById(target.id);
    if (region && summary?.dataset.announce) region.textContent = summary.dataset.announce;
  });
}

/** Go where the server leads: a part of a page that answers with another page, such as the log-in, is not a part. */
export function followRedirects() {
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const asked = new URL(detail.pathInfo.finalRequestPath, window.location.href);
    const answered = new URL(detail.xhr.responseURL || asked, window.location.href);
    if (asked.pathname === answered.pathname) return;
    detail.shouldSwap = false;
    window.location.assign(answered);
  });
}

/** Say in a toast what an answer of htmx could not show. */
export function reportFailures() {
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const status = detail.xhr.status;
    if (status === 401 || status === 402) return window.location.reload();
    showToast("error", status === 429 ? words().sayBusy : words().sayFailed);
  });
  document.addEventListener("htmx:sendError", () => showToast("error", words().sayOffline));
}

function words() {
  return document.getElementById("announcer").dataset;
}
