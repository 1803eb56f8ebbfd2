// The navigation on a phone. It opens by a checkbox, so it works without this; here Esc closes it and the focus follows.
/** The Alpine component of the drawer. */
export function drawer() {
  return {
    get box() {
      return document.getElementById("drawer");
    },
    init() {
      this.box.addEventListener("change", () => this.follow());
    },
    follow() {
      if (this.box.checked) this.$root.querySelector(".shell-nav a")?.focus();
    },
    close() {
      if (!this.box?.checked) return;
      this.box.checked = false;
      this.box.focus();
    },
  };
}
