// Everything that comes from a file, a name or a command line passes through here on its way to a reader: as it stands, it
// could drive the terminal, forge a line, turn a name round, or fill the screen.

/** What acts where it is shown: control characters (C0, DEL, C1), line separators, and marks that change the direction. */
const ACTIVE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** UTF-16 units of a foreign text in a message: enough to know it by. */
const QUOTED = 60;

const escaped = (character: string): string => {
  const short = JSON.stringify(character).slice(1, -1);
  return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
};

/** Text in a line of its own or within one: what acts is escaped, and what is longer than `most` UTF-16 units is cut. */
export const display = (text: string, most = Number.POSITIVE_INFINITY): string =>
  (text.length > most ? `${head(text, most)}…` : text).replace(ACTIVE, escaped);

/** Text of several lines. Line feeds and tabs are kept; all else that acts is escaped. */
export const displayText = (text: string): string =>
  text
    .replaceAll("\r\n", "\n")
    .replace(ACTIVE, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));

/** A foreign text within a message: in quotation marks, escaped and not too long. */
export const quote = (text: string): string => (text.length > QUOTED ? `${toJson(head(text, QUOTED))}…` : toJson(text));

/** A value of any kind within a message. What is in an array or an object is not looked at. */
export function show(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** JSON that says the same as JSON.stringify's, in characters that do nothing where they are shown. */
export const toJson = (value: unknown): string => JSON.stringify(value).replace(ACTIVE, escaped);

/** The beginning of a text; no pair of surrogates is cut in two. */
const head = (text: string, most: number): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, "");

/** How many names of many a message lists. */
const LISTED = 10;

/** Names that there are, in place of one that there is not: the most alike first, and how many more. */
export function listNames(names: readonly string[], wanted: string): string {
  const ranked = names.map((name) => ({ name, likeness: likeness(name.toLowerCase(), wanted.toLowerCase()) }));
  const listed = ranked.sort((a, b) => b.likeness - a.likeness).slice(0, LISTED);
  const more = names.length - listed.length;
  const known = listed.map(({ name }) => quote(name)).join(", ") || "none";
  return more > 0 ? `${known} and ${more} more` : known;
}

/** How much two texts begin and end alike, from 0 to 1. */
function likeness(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return (start + end) / Math.max(1, a.length, b.length);
}
