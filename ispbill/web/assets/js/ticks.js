// A group of boxes with one button, which ticks all of them; where all are ticked, it ticks none.
/** The Alpine component of the group. */
export function ticks() {
  return {
    full: false,
    init() {
      this.look();
    },
    get boxes() {
      return [...this.$root.querySelectorAll("[type=checkbox]")];
    },
    look() {
      this.full = this.boxes.every((box) => box.checked);
    },
    press() {
      const ticked = !this.full;
      this.boxes.forEach((box) => (box.checked = ticked));
      this.look();
    },
  };
}
