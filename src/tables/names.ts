/** Names between commas; one that has a comma is in quotes. */
export const splitNames = (names: string): string[] =>
  [...names.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)/g)]
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!)
    .filter((name) => name !== "");

/** Names in an array, or in a text. */
export const namesIn = (names: string | readonly string[] = []): ReadonlySet<string> =>
  new Set(typeof names === "string" ? splitNames(names) : names);
