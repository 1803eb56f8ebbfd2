// The page that describes the API: sends what its forms say and shows the answer. Loaded on that page only.
const token = document.getElementById("api-token");

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
for (const form of document.querySelectorAll("form[data-method]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
openNamed();
window.addEventListener("hashchange", openNamed);

/** Open the operation that the address names. */
function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

async function send(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(address(form), { method: form.dataset.method, headers: headers(form), body: body(form) });
    show(form, `${answer.status} ${answer.statusText}`, await content(answer));
  } catch {
    show(form, token.dataset.sayNoAnswer, token.dataset.sayUnreachable);
  } finally {
    button.disabled = false;
  }
}

function inputs(form, place) {
  return [...form.querySelectorAll(`[data-place="${place}"]`)].filter((input) => input.value !== "");
}

function address(form) {
  let path = form.dataset.path;
  for (const input of inputs(form, "path")) path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
  const query = new URLSearchParams(inputs(form, "query").map((input) => [input.name, input.value]));
  return query.size ? `${path}?${query}` : path;
}

function headers(form) {
  const sent = { Accept: "application/json" };
  for (const input of inputs(form, "header")) sent[input.name] = input.value;
  if (body(form) !== undefined) sent["Content-Type"] = "application/json";
  if (token.value) sent.Authorization = `Bearer ${token.value}`;
  else sent["X-CSRFToken"] = token.dataset.csrf ?? "";
  return sent;
}

function body(form) {
  return inputs(form, "body")[0]?.value;
}

async function content(answer) {
  const kind = answer.headers.get("Content-Type") ?? "";
  if (kind.includes("json")) return JSON.stringify(await answer.json(), null, 2);
  return `${kind}, ${(await answer.blob()).size} bytes`;
}

function show(form, status, content) {
  form.querySelector("[data-status]").textContent = status;
  form.querySelector("[data-content]").textContent = content;
  form.querySelector("[data-answer]").hidden = false;
}
