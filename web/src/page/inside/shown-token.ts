/** Characters that cannot be seen. */
const NAMES: Readonly<Record<string, string>> = {
  " ": "space",
  "\n": "line break",
  "\t": "tab",
  "\u00a0": "wide space",
};

/** A token as it is named in a sentence. */
export const shownToken = (token: string): string => NAMES[token] ?? token.trim();

/** A token as a noun of a sentence: “,” or a space. */
export const nounOf = (token: string): string =>
  Object.hasOwn(NAMES, token) ? `a ${NAMES[token]}` : `“${token.trim()}”`;
