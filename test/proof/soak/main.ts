import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { plot } from "#lstm/cli/chart.js";
import { ROOT } from "../../root.js";
import { Activities } from "./activities.js";
import { followMemories, read, type Sample } from "./gauges.js";
import { growths } from "./verdict.js";

// npm run soak -- --hours N

const HELP = `usage: npm run soak -- --hours N [options]

Trains, generates, streams, saves, loads, starts and ends workers, in one process for hours, and samples what the process holds:
memory, handles, threads, WebAssembly memories. Fails if any of it grows after the first fifth of the time.

  --hours N    how long, such as 0.1
  --out DIR    for soak.csv, memory.svg and handles.svg (default build/soak)
`;
/** Samples of a run, at least a second apart. */
const SAMPLES = 600;

const { values } = parseArgs({
  options: { hours: { type: "string" }, out: { type: "string" }, help: { type: "boolean" } },
});
const seconds = 3600 * Number(values.hours);
if (values.help || !(seconds > 0)) {
  (values.help ? process.stdout : process.stderr).write(
    values.help ? HELP : `--hours: expected a number above 0, got ${values.hours}\n\n${HELP}`,
  );
  process.exit(values.help ? 0 : 2);
}

const memories = followMemories();
const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const samples: Sample[] = [];
const interval = Math.max(1, seconds / SAMPLES);
const start = performance.now();
const activities = await Activities.begin(folder);
let rounds = 0;
for (let now = 0, next = 0; now < seconds; now = (performance.now() - start) / 1000) {
  await activities.round(rounds++);
  if (now < next) continue;
  next = now + interval;
  globalThis.gc?.();
  samples.push({ seconds: now, rounds, steps: activities.steps, ...read(memories) });
}
await activities.end();

const out = values.out ?? join(ROOT, "build", "soak");
mkdirSync(out, { recursive: true });
const names = Object.keys(samples[0]!) as (keyof Sample)[];
const rows = samples.map((sample) => names.map((name) => Number(sample[name].toFixed(2))).join(","));
writeFileSync(join(out, "soak.csv"), [names.join(","), ...rows, ""].join("\n"));
const ends = [
  { at: 0, label: "0 h", anchor: "start" },
  { at: Math.max(1, samples.length - 1), label: `${Number((seconds / 3600).toFixed(2))} h`, anchor: "end" },
] as const;
const picture = (title: string, curves: readonly (keyof Sample)[]) =>
  plot(
    curves.map((name) => ({ name, values: samples.map((sample) => sample[name]) })),
    { title, fromZero: true, ends },
  );
writeFileSync(join(out, "memory.svg"), picture("Memory in MiB", ["rss", "heap", "external", "wasm"]));
writeFileSync(join(out, "handles.svg"), picture("Handles, threads, memories", ["handles", "threads", "memories"]));

const { steps } = activities;
process.stdout.write(
  `${rounds} rounds, ${steps} steps in ${Math.round(seconds)} s, ${samples.length} samples in ${out}\n`,
);
const found = growths(samples);
for (const { name, first, last, hasGrown } of found)
  process.stdout.write(`${name.padEnd(10)} ${first.toFixed(1)} → ${last.toFixed(1)}${hasGrown ? "  HAS GROWN" : ""}\n`);
process.exit(found.some(({ hasGrown }) => hasGrown) ? 1 : 0);
