import { below, mutateBlindly, pick } from "../checkpoint/mutate.js";
import type { Random } from "../internals/common.js";

// Faults in texts of lines and cells: delimited tables, .ts and .tsf files.

const CELLS = (
  "0 -0 1 -1 1e999 -1e999 1e-999 NaN nan Infinity inf ? NA null 0x10 1,5 1.5.5 1_000 9007199254740993 1e5 +1 −1 " +
  '2001-02-30 2001-02-29 0000-00-00 9999-12-31 10000-01-01 31.12.1999 1999-12-31T23:59:60Z 1e15 true false @data # " "" \''
).split(" ");

const SPECIAL = [
  "",
  " ",
  "\u0000",
  "\ufeff",
  "\ufffd",
  "\u2028",
  "\r",
  "\r\n",
  "\t",
  "__proto__",
  "constructor",
  "é",
  "😀",
];

const DELIMITER = /([,;:\t])/;

type Change = (lines: string[], i: number, random: Random) => void;

const long = (text: string, random: Random): string => text.repeat(2 ** below(random, 15));

/** Faults of a line among others. */
const LINES: readonly Change[] = [
  (lines, i) => lines.splice(i, 1),
  (lines, i, random) => lines.splice(below(random, lines.length), 0, lines[i]!),
  (lines, i, random) => lines.splice(below(random, lines.length), 0, ...lines.splice(i, 1)),
  (lines, i, random) => lines.splice(i, 0, pick(random, ["", " ", ",", "@data", "@dimension 3", "# x", '"'])),
  (lines, i, random) => {
    lines[i] += long(pick(random, [",", ":", "1,", '"', "x", "?,"]), random);
  },
  (lines, i, random) => lines.splice(i, 0, ...Array<string>(2 ** below(random, 11)).fill(lines[i]!)),
];

/** Faults of a cell in a line: its even entries are cells, the others delimiters. */
const PARTS: readonly Change[] = [
  (parts, i, random) => {
    parts[i] = pick(random, [...CELLS, ...SPECIAL]);
  },
  (parts, i, random) => {
    parts[i] = `"${parts[i]}${pick(random, ['"', "", '"x', '""'])}`;
  },
  (parts, i, random) => {
    parts[i] += pick(random, SPECIAL);
  },
  (parts, i, random) => {
    const j = below(random, parts.length);
    [parts[i], parts[j]] = [parts[j]!, parts[i]!];
  },
  (parts, i) => parts.splice(i, 1),
  (parts, i, random) => {
    parts[i] = pick(random, [",", ";", ":", "\t", " ", ",,", "\n"]);
  },
  (parts, i, random) => {
    parts[i] = long(pick(random, ["9", "a", "0.", "-", " "]), random);
  },
];

/** A copy of a text with one to four faults, of which some know nothing of lines. */
export function mutateLines(file: Uint8Array, random: Random): Uint8Array {
  if (random.next() % 6 === 0) return mutateBlindly(file, random);
  const lines = new TextDecoder().decode(file).split("\n");
  for (let faults = 1 + below(random, 4); faults > 0 && lines.length > 0; faults--) {
    const i = below(random, lines.length);
    if (random.next() % 2) pick(random, LINES)(lines, i, random);
    else {
      const parts = lines[i]!.split(DELIMITER);
      pick(random, PARTS)(parts, below(random, parts.length), random);
      lines[i] = parts.join("");
    }
  }
  return new TextEncoder().encode(lines.join("\n"));
}
