// Messages in the corner. The server prints flashed ones; later ones are copies of the <template> of their kind.
const READING_MS = 6000;

/** Show a message; `kind` is success, info, warning or error. */
export function showToast(kind, text) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { kind, text } }));
}

/** The Alpine component of the corner: adds, closes, and takes good news away after a while. */
export function toast() {
  return {
    init() {
      document.addEventListener("toast", ({ detail }) => this.add(detail));
      this.$root.querySelectorAll("[data-toast]").forEach((note) => this.expire(note));
    },
    add({ kind, text }) {
      if (this.says(text)) return;
      const known = ["success", "info", "warning", "error"].includes(kind) ? kind : "info";
      const note = document.getElementById(`toast-${known}`).content.cloneNode(true).firstElementChild;
      note.querySelector("[data-text]").textContent = text;
      this.$root.append(note);
      this.expire(note);
    },
    says(text) {
      return [...this.$root.querySelectorAll("[data-text]")].some((note) => note.textContent === text);
    },
    expire(note) {
      if (note.dataset.toast !== "success" && note.dataset.toast !== "info") return;
      const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, READING_MS) : note.remove());
      setTimeout(leave, READING_MS);
    },
    close(event) {
      event.target.closest("[data-close]")?.closest("[data-toast]").remove();
    },
  };
}
