// The language of the page, for numbers. English is written one way, whatever the country, as the server does.
const spoken = document.documentElement.lang;

export const LANGUAGE = !spoken || spoken.startsWith("en") ? "en" : spoken;
