import type { Entry } from "./entry.js";

// The part of docs/results.md that the command writes: a table with a row per figure, and the commands. Rows that were not made
// again stay as they are.

const BEGIN = "<!-- npm run results writes what follows -->";
const END = "<!-- up to here -->";
const HEAD = ["figure", "what", "others'", "ours: median (from to), seeds", "time of a seed", "made"];

/** A row of the table, without its first cell, by the figure's name. */
export type Rows = ReadonlyMap<string, readonly string[]>;

/** @throws Error if the text has no such part */
export function rowsIn(text: string): Rows {
  const rows = partOf(text)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "))
    .slice(2);
  return new Map(rows.map(([name, ...cells]) => [name!, cells]));
}

/** The text with these rows in place of its own, and the commands of all entries. */
export function withRows(text: string, rows: Rows, entries: readonly Entry[]): string {
  const table = [HEAD, HEAD.map(() => "---"), ...entries.map(({ name }) => [name, ...(rows.get(name) ?? [])])]
    .filter(({ length }) => length > 1)
    .map((cells) => `| ${cells.join(" | ")} |`);
  const commands = entries.map((entry) => `# ${entry.name}\n${commandsOf(entry).join("\n")}`);
  const part = [BEGIN, "", ...table, "", "```sh", ...commands, "```", "", END].join("\n");
  return text.replace(`${BEGIN}${partOf(text)}${END}`, () => part);
}

function partOf(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`expected ${BEGIN} and ${END} in the document`);
  return text.slice(begin + BEGIN.length, end);
}

/** The commands as a reader types them. */
function commandsOf({ commands }: Entry): string[] {
  return commands("SEED", (name) => name, "model.safetensors").map(([program, ...args]) =>
    [program === "lstm-wasm" ? "lstm-wasm" : `node ${program}`, ...args].join(" "),
  );
}
