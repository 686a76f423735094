// The fragment of the page's address, which says what is set: so the address is a link to it.

/** What stands after the `#`. */
export const fragment = (): string => location.hash.slice(1);

/** Replaces it, without a step in the browser's history. */
export function setFragment(text: string): void {
  if (text !== fragment())
    history.replaceState(null, "", text === "" ? location.pathname + location.search : `#${text}`);
}

/** The index of the tab that the address names. */
export const linkedTab = (): number => (new URLSearchParams(fragment()).get("tab") === "numbers" ? 1 : 0);
