// "/" and Ctrl-K (or Cmd-K) put the cursor into the search box. Letters typed into a field stay letters.
/** Listen for the keys. */
export function startShortcuts() {
  document.addEventListener("keydown", (event) => {
    const box = document.getElementById("global-search");
    if (!box || !isSearchKey(event)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

function isSearchKey(event) {
  const withControl = event.ctrlKey || event.metaKey;
  if (withControl) return event.key.toLowerCase() === "k" && !event.altKey;
  return event.key === "/" && !event.altKey && !isField(event.target);
}

function isField(element) {
  return element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);
}
