// What the search box finds while one types: the arrow keys walk through it, Esc and leaving it close it.
/** Listen to the search box of the shell. */
export function startSearchBox() {
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(".shell-search");
    if (!form) return;
    if (event.key === "Escape") close(form);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(form, event);
  });
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const form = target.closest?.(".shell-search");
    if (form && relatedTarget && !form.contains(relatedTarget)) empty(form);
  });
  document.addEventListener("click", ({ target }) => {
    const form = document.querySelector(".shell-search");
    if (form && !form.contains(target)) empty(form);
  });
}

function walk(form, event) {
  const stops = [form.querySelector("input"), ...form.querySelectorAll("#search-found a")];
  if (stops.length < 2) return;
  event.preventDefault();
  const here = stops.indexOf(document.activeElement);
  stops[(here + (event.key === "ArrowDown" ? 1 : stops.length - 1)) % stops.length].focus();
}

function close(form) {
  if (!form.querySelector("#search-found").childElementCount) return;
  empty(form);
  form.querySelector("input").focus();
}

function empty(form) {
  form.querySelector("#search-found").replaceChildren();
}
