// All text from files, file names and the command line passes through here before it is displayed. Unescaped, it could
// send terminal commands, forge a line, reverse a name or flood the screen.

/** Characters that act when displayed: controls (C0, DEL, C1), line separators and bidirectional marks. */
const ACTIVE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Longest quotation in a message, in UTF-16 units: enough to recognize the text. */
const QUOTED = 60;

const escaped = (character: string): string => {
  const short = JSON.stringify(character).slice(1, -1);
  return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
};

/**
 * Text for display on one line: active characters are escaped, and text longer than `most` UTF-16 units is truncated.
 */
export const display = (text: string, most = Number.POSITIVE_INFINITY): string =>
  (text.length > most ? `${head(text, most)}…` : text).replace(ACTIVE, escaped);

/** Text for display on several lines: line feeds and tabs are kept, other active characters are escaped. */
export const displayText = (text: string): string =>
  text
    .replaceAll("\r\n", "\n")
    .replace(ACTIVE, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));

/** Text in XML, SVG or HTML, between tags or quotation marks; what is invalid there is replaced. */
export const escapedMarkup = (text: string): string =>
  display(text)
    .replace(/[\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
    .replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);

/** Untrusted text in a message: quoted, escaped and truncated. */
export const quote = (text: string): string => (text.length > QUOTED ? `${toJson(head(text, QUOTED))}…` : toJson(text));

/** Any value in a message. Arrays and objects are not expanded. */
export function show(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return "an array";
  return Object(value) === value ? "an object" : String(value);
}

/** JSON equivalent to JSON.stringify's, with active characters escaped. */
export const toJson = (value: unknown): string => JSON.stringify(value).replace(ACTIVE, escaped);

/** The beginning of a text, without splitting a surrogate pair. */
const head = (text: string, most: number): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, "");

/** How many names a message lists at most. */
const LISTED = 10;

/** The existing names, for a message about a missing one: the most similar first, then how many more there are. */
export function listNames(names: readonly string[], wanted: string): string {
  const ranked = names.map((name) => ({ name, likeness: likeness(name.toLowerCase(), wanted.toLowerCase()) }));
  const listed = ranked.sort((a, b) => b.likeness - a.likeness).slice(0, LISTED);
  const more = names.length - listed.length;
  const known = listed.map(({ name }) => quote(name)).join(", ") || "none";
  return more > 0 ? `${known} and ${more} more` : known;
}

/** Similarity of two texts by common prefix and suffix, from 0 to 1. */
function likeness(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return (start + end) / Math.max(1, a.length, b.length);
}
