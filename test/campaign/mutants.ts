import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createForecaster, prepareSeries } from "#lstm/forecast.js";
import { characters, createModel, LstmError, load, save, train } from "#lstm/index.js";
import { words } from "#lstm/words.js";
import { mutate } from "../checkpoint/mutate.js";
import { CLI } from "../root.js";
import { Draw, describeError, type Outcome, type Scope } from "./part.js";

// Checkpoints with random faults are refused with an error of the library's, soon, and without much memory; or they load.

/** Of one small file, in milliseconds. */
const LONGEST_LOAD = 1000;
/** Bytes that the process may grow by while one small file is loaded. */
const MOST_MEMORY = 2 ** 27;
/** A command starts in a tenth of this on an idle machine, in milliseconds. */
const LONGEST_COMMAND = 15_000;

const TEXT = "the quick brown fox jumps over the lazy dog. ".repeat(4);

export async function mutants({ seed, count, isOver }: Scope): Promise<Outcome> {
  const files = await originals();
  const failures: string[] = [];
  let tried = 0;
  let loaded = 0;
  for (; tried < count && !isOver(); tried++) {
    const draw = new Draw(seed, tried);
    const bytes = mutate(files[tried % files.length]!, draw.generator());
    const source = draw.chance(0.5) ? bytes : new Blob([new Uint8Array(bytes)]);
    const before = process.resourceUsage().maxRSS;
    const start = performance.now();
    try {
      const model = await load(source, { backend: draw.pick(["javascript", "simd"]) });
      loaded++;
      model.free();
    } catch (error) {
      if (!(error instanceof LstmError)) failures.push(`mutant ${tried}: ${describeError(error)}`);
    }
    const milliseconds = performance.now() - start;
    if (milliseconds > LONGEST_LOAD) failures.push(`mutant ${tried}: took ${Math.round(milliseconds)} ms`);
    const grown = 1024 * (process.resourceUsage().maxRSS - before);
    if (tried > 200 && grown > MOST_MEMORY) failures.push(`mutant ${tried}: took ${Math.round(grown / 2 ** 20)} MiB`);
  }
  return { tried: `${tried} mutants, of which ${loaded} load`, failures };
}

export async function commandMutants({ seed, count, isOver }: Scope): Promise<Outcome> {
  const files = await originals();
  const failures: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  const codes = new Map<number | null, number>();
  let tried = 0;
  try {
    writeFileSync(join(folder, "text"), TEXT);
    writeFileSync(join(folder, "csv"), ["a,b", ...Array.from({ length: 40 }, (_, i) => `${i},${i % 7}`)].join("\n"));
    for (; tried < count && !isOver(); tried++) {
      const draw = new Draw(seed, tried);
      writeFileSync(join(folder, "m"), mutate(files[draw.integer(0, files.length - 1)]!, draw.generator()));
      const args = draw.pick([
        ["inspect", "m"],
        ["inspect", "m", "--json"],
        ["generate", "--model=m", "--prompt=the", "--length=5"],
        ["evaluate", "--model=m", "--text=text"],
        ["forecast", "--model=m", "--csv=csv", "--steps=2"],
        ["train", "--resume=m", "--text=text", "--epochs=3", "--quiet"],
        ["train", "--resume=m", "--epochs=3", "--quiet", "--out=n"],
        ["train", "--init-from=m", "--text=text", "--epochs=1", "--quiet"],
      ]);
      const { code, stderr } = await runCommand(folder, args);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      const isOrderly = code !== null && code <= 2 && !/\n\s+at |Error:.*\n.*node:/.test(stderr);
      if (!isOrderly) failures.push(`command ${tried}, ${args.join(" ")}: ended with ${code}: ${stderr.slice(0, 300)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const ends = [...codes].map(([code, times]) => `${times} with ${code}`).join(", ");
  return { tried: `${tried} commands on mutants (${ends})`, failures };
}

async function originals(): Promise<Uint8Array[]> {
  const options = { epochs: 2, batchSize: 2, validationFraction: 0.2, dropout: 0.1, threads: 1 };
  const byCharacter = await createModel({ vocabulary: characters(TEXT), hiddenSize: 3, layers: 2, embeddingSize: 3 });
  for await (const _ of train(byCharacter, TEXT, options));
  const byWord = await createModel({ vocabulary: words(TEXT), hiddenSize: 3 });
  for await (const _ of train(byWord, TEXT, { epochs: 1, batchSize: 1, optimizer: "rmsprop", threads: 1 }));
  const table = { a: Array.from({ length: 60 }, (_, t) => t), b: Array.from({ length: 60 }, (_, t) => Math.sin(t)) };
  const series = prepareSeries(table, { columns: ["a", "b"], target: "b", window: 4 });
  const forecaster = await createForecaster(series, { hiddenSize: 3 });
  for await (const _ of train(forecaster, series.examples, options));
  const all = [byCharacter, byWord, forecaster];
  all[0]!.metadata.set("source", JSON.stringify({ text: "text" }));
  all[2]!.metadata.set("source", JSON.stringify({ csv: "csv" }));
  const files = all.map((model) => save(model));
  for (const model of all) model.free();
  return files;
}

function runCommand(cwd: string, args: string[]): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd, stdio: ["ignore", "ignore", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_COMMAND);
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      stderr += piece;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stderr });
    });
  });
}
