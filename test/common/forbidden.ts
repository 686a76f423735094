/** The code points of ranges, both ends included. */
const within = (...ranges: [first: number, last: number][]): string[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCharCode(first + i)));

/**
 * What acts on a terminal in place of standing there: C0, DEL and C1, the separators of lines and paragraphs, and marks,
 * embeddings, overrides and isolates of direction. Written out here once more, not taken from the source.
 */
export const ACTIVE = within(
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
);

const inClass = (characters: readonly string[]): string =>
  characters.map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");

/** Any of these. */
export const FORBIDDEN = new RegExp(`[${inClass(ACTIVE)}]`);

/** Any of these in output of several lines, which may have line feeds and tabs. */
export const FORBIDDEN_IN_LINES = new RegExp(`[${inClass(ACTIVE.filter((c) => !/[\n\t]/.test(c)))}]`);
