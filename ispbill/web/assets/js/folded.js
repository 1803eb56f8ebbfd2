// A <details> used as a menu: a click outside or Esc closes it. Opening is the browser's own.
/** The Alpine component of a folded menu. */
export function folded() {
  return {
    close() {
      this.$root.open = false;
    },
    leave() {
      if (!this.$root.open) return;
      this.$root.open = false;
      this.$root.querySelector("summary").focus();
    },
    follow(event) {
      if (event.relatedTarget && !this.$root.contains(event.relatedTarget)) this.$root.open = false;
    },
  };
}
