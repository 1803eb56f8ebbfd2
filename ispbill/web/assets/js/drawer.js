// The navigation on a phone. It opens by a checkbox, so it works without this; here the focus follows, and leaving it or Esc closes it.
/** The Alpine component of the drawer. */
export function drawer() {
  return {
    get box() {
      return document.getElementById("drawer");
    },
    init() {
      this.box.addEventListener("change", () => this.follow());
      this.$root.querySelector(".drawer-side").addEventListener("focusout", (event) => this.leave(event));
    },
    leave({ currentTarget, relatedTarget }) {
      if (relatedTarget && !currentTarget.contains(relatedTarget)) this.box.checked = false;
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
