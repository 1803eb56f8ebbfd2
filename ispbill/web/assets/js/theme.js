// Runs in the head, before the first paint: chooses the theme and says that there is JavaScript. Nothing else belongs here.
const root = document.documentElement;
root.classList.add("js");
try {
  const kept = localStorage.getItem("ispbill-theme");
  if (kept === "light" || kept === "dark") root.dataset.theme = `ispbill-${kept}`;
} catch {
  // Storage is refused: the system's preference holds.
}
