import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeWhole } from "#lstm/cli/write.js";
import { parseNames, runProgram } from "../common/command-line.js";
import { machine } from "../common/machine.js";
import { median } from "../common/statistics.js";
import { rowsIn, withRows } from "./document.js";
import { ENTRIES } from "./entries.js";
import type { Command, Entry } from "./entry.js";

// npm run results

/** This file is compiled to build/bench/results. */
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DOCUMENT = join(ROOT, "docs", "results.md");
const CLI = join(ROOT, "dist", "bundle", "cli.js");

const HELP = `usage: [DATA=FOLDER] npm run results [-- [--verbose] NAME …]

Makes figures again that are published elsewhere or by us, and writes them into docs/results.md. Without a name, all that take
less than about a minute. Data that are not in this repository are in the folder that DATA names. With --verbose, what the
commands print is shown as it comes, on standard error.

${ENTRIES.map(({ name, what, isLong }) => `  ${name.padEnd(16)} ${what}${isLong ? " (minutes)" : ""}`).join("\n")}
`;

await runProgram("results", async () => {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean" }, verbose: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const known = ENTRIES.map(({ name }) => name);
  const names = parseNames("NAME", positionals, known)!;
  const chosen = ENTRIES.filter(({ name, isLong }) => (names.length > 0 ? names.includes(name) : !isLong));
  for (const entry of chosen) {
    const missing = (entry.data ?? []).find(({ name }) => !existsSync(dataPath(name)));
    if (missing) {
      process.stdout.write(`SKIPPED ${entry.name}: it needs DATA=FOLDER with ${missing.name}, from ${missing.from}\n`);
      continue;
    }
    const cells = await measure(entry, values.verbose);
    process.stdout.write(`${entry.name}: ${cells.join(" | ")}\n`);
    // At once: others may take hours.
    const document = readFileSync(DOCUMENT, "utf8");
    await writeWhole(DOCUMENT, withRows(document, new Map([...rowsIn(document), [entry.name, cells]]), ENTRIES));
  }
});

function dataPath(name: string): string {
  return join(process.env["DATA"] ?? join(ROOT, "build", "data"), name);
}

/** Makes a figure with all its seeds: the cells of its row. */
async function measure(entry: Entry, isVerbose: boolean): Promise<string[]> {
  const { what, commands, seeds, figure, format, error, theirs } = entry;
  const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  try {
    const start = performance.now();
    let printed = "";
    const errors: number[] = [];
    const figures: number[] = [];
    for (const seed of seeds) {
      for (const command of commands(String(seed), dataPath, join(folder, "model")))
        printed = await run(command, isVerbose);
      if (error) errors.push(error(printed));
      figures.push(figure(printed));
    }
    const seconds = (performance.now() - start) / 1000 / seeds.length;
    const [least, most] = [Math.min(...figures), Math.max(...figures)].map(format);
    const each = errors.map((error, i) => `${format(figures[i]!)} ± ${format(error)}`).join(", ");
    const range = error ? each : `${least} to ${most}`;
    const spread = seeds.length === 1 ? "seed 1" : `(${range}), seeds 1 to ${seeds.length}`;
    const { node, cpu, cores, date } = machine();
    const made = `${date}, Node ${node}, ${cores} cores of ${cpu}`;
    return [what, theirs(printed), `${format(median(figures))} ${spread}`, `${seconds.toFixed(1)} s`, made];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a command, and returns what it printed. */
async function run([program, ...args]: Command, isVerbose: boolean): Promise<string> {
  const script = program === "lstm-wasm" ? CLI : join(ROOT, program);
  const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  if (isVerbose) for (const stream of [child.stdout, child.stderr]) stream.pipe(process.stderr, { end: false });
  const [[status], printed, problem] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${problem}`);
  return printed;
}
