// The light/dark button. The system's preference is the default; a choice that equals it is forgotten.
const DARK = window.matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "ispbill-dark" : DARK.matches;
}

/** Call back whenever the theme changes, by the button or by the system. */
export function onThemeChange(callback) {
  document.addEventListener("ispbill:theme", callback);
  DARK.addEventListener("change", callback);
}

/** The Alpine component of the button. */
export function themeSwitch() {
  return {
    dark: isDark(),
    init() {
      onThemeChange(() => (this.dark = isDark()));
    },
    get label() {
      const { sayLight, sayDark } = this.$root.dataset;
      return this.dark ? sayLight : sayDark;
    },
    get pressed() {
      return String(this.dark);
    },
    toggle() {
      choose(isDark() ? "light" : "dark");
    },
  };
}

function choose(theme) {
  const followsSystem = (theme === "dark") === DARK.matches;
  if (followsSystem) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = `ispbill-${theme}`;
  try {
    if (followsSystem) localStorage.removeItem("ispbill-theme");
    else localStorage.setItem("ispbill-theme", theme);
  } catch {
    // Storage is refused: the choice holds for this page.
  }
  document.dispatchEvent(new CustomEvent("ispbill:theme"));
}
