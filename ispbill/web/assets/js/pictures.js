// A picture of a telephone is larger than what is kept (files/policy.py): it is made smaller before it is sent.
const MOST_BYTES = 5 * 1024 * 1024;
const LONGEST_SIDE = 2400;
const KINDS = ["image/jpeg", "image/png", "image/webp"];
const waiting = new WeakMap();

/** Watch every field for files that takes pictures. */
export function shrinkPictures() {
  document.addEventListener("change", ({ target }) => {
    const [file] = target.files ?? [];
    if (!file || !target.accept.includes(".jpg") || !KINDS.includes(file.type) || file.size <= MOST_BYTES) return;
    waiting.set(target.form, shrink(target, file).finally(() => waiting.delete(target.form)));
  });
  document.addEventListener("submit", (event) => holdBack(event), { capture: true });
}

/** A form that is sent meanwhile goes when its picture is ready. */
function holdBack(event) {
  const { target: form, submitter } = event;
  if (!waiting.has(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  submitter?.setAttribute("aria-busy", "true");
  waiting.get(form).then(() => form.requestSubmit(submitter));
}

async function shrink(input, file) {
  const smaller = await redrawn(file).catch(() => null);
  if (smaller === null || input.files[0] !== file) return;
  const box = new DataTransfer();
  box.items.add(new File([smaller], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }));
  input.files = box.files;
}

async function redrawn(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
}
