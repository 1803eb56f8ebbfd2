// A row of tabs that is wider than the page scrolls; the tab one is on is brought into sight.
/** Scrolls each row of tabs within `root` so far that its current tab is seen. */
export function showCurrentTab(root) {
  for (const tab of root.querySelectorAll(".tabs > [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}
