// A row of tabs that is wider than the page scrolls, and so does a navigation that is taller; the place one is at is brought into sight.
/** Scrolls the navigation, and each row of tabs, so far that the current place is seen. */
export function showCurrent(root) {
  for (const tab of root.querySelectorAll(".tabs > [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
  const here = root.querySelector(".shell-nav [aria-current]");
  if (here) {
    const list = here.closest(".shell-nav");
    list.scrollTop += here.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom + list.clientHeight / 3;
  }
}
