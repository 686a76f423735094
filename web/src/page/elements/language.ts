// To be imported before what formats numbers when it is loaded: where the system's locale is "C", the browser's language is
// no language tag, and Intl throws.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}
