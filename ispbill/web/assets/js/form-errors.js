// After a form came back with errors the focus stands on their summary, so that nobody searches for what is wrong.
/** Focus the error summary, where there is one. */
export function focusErrors(root) {
  root.querySelector("[data-error-summary]")?.focus();
}
