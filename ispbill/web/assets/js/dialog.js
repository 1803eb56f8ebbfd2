// Links with data-dialog show the panel of the page they lead to in a dialog. Whatever goes wrong, the link is followed.
/** The Alpine component of the page's one <dialog>. */
export function dialog(htmx) {
  return {
    heldOutside: false,
    init() {
      document.addEventListener("click", (event) => this.open(event));
    },
    get body() {
      return this.$root.querySelector("[data-body]");
    },
    async open(event) {
      const link = event.target.closest("a[data-dialog]");
      if (!link || isForNewTab(event)) return;
      event.preventDefault();
      link.setAttribute("aria-busy", "true");
      const panel = await fetchPanel(link.href);
      link.removeAttribute("aria-busy");
      if (panel === null) return window.location.assign(link.href);
      this.body.replaceChildren(panel);
      htmx.process(this.body);
      leaveMenu(link);
      this.$root.showModal();
      // Where nothing is to be filled in, a second Enter must not carry out what is only asked.
      this.body.querySelector("input:not([type=hidden]), select, textarea, [data-cancel]")?.focus();
    },
    hold(event) {
      this.heldOutside = event.target === this.$root;
    },
    press(event) {
      // Marking text in a field may end outside: what counts is where it began.
      const isOutside = event.target === this.$root && this.heldOutside;
      const leaves = event.target.closest("[data-cancel]");
      if (leaves) event.preventDefault();
      if (isOutside || leaves) this.$root.close();
    },
  };
}

/** A dialog that a menu opened stands alone, and gives the focus back to the menu's button. */
function leaveMenu(link) {
  const menu = link.closest("details.dropdown");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

function isForNewTab(event) {
  return event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

async function fetchPanel(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const panel = page.getElementById("panel");
    return panel && document.adoptNode(panel);
  } catch {
    return null;
  }
}
