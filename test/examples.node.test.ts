import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { FULL } from "./full.js";
import { HAMLET } from "./internals/presets.js";

// The examples as a reader runs them, on the built library; the long ones with smaller tasks. All of them with FULL=1.

const LIMIT = 120_000;

async function output(name: string, ...args: (string | number)[]): Promise<string> {
  const path = fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args.map(String)], { timeout: LIMIT });
  return stdout;
}

/** The number in each match's first group. */
const numbers = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, number]) => Number(number));

test("hamlet recites the soliloquy", { timeout: LIMIT }, async () => {
  const text = await output("hamlet");
  const losses = numbers(text, /^epoch \d+: (\S+) nats/gm);
  expect(losses).toHaveLength(6);
  expect(losses[0]).toBeCloseTo(Math.log(32), 1);
  expect(losses[5]).toBeLessThan(0.01);
  expect(text).toContain(`\n${HAMLET}\n`);
  expect(text).toContain("866 of 866 characters");
});

test.runIf(FULL)("next-word learns its sentences", { timeout: LIMIT }, async () => {
  const text = await output("next-word");
  expect(text).toContain("117 words, 76 of them distinct: 114 windows");
  const losses = numbers(text, /^Epoch \d+, Avg Loss: (\S+)$/gm);
  expect(losses).toHaveLength(7);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  expect(losses[0]).toBeCloseTo(Math.log(76), 1);
  expect(losses.at(-1)).toBeLessThan(0.1);
  expect(text).toContain("The forget gate … decides what");
});

test("cell prints a step, and gradients that agree with finite differences", { timeout: LIMIT }, async () => {
  const text = await output("cell");
  for (const label of [
    "Next hidden state (h_next)",
    "Next cell state (c_next)",
    "Output (y)",
    "Gradient with respect to input (d_x)",
    "Gradient with respect to previous hidden state (d_h_prev)",
    "Gradient with respect to previous cell state (d_c_prev)",
  ])
    expect(text).toContain(`${label}: [`);
  const deviations = numbers(text, /^ {2}\S+ +(\S+)$/gm);
  expect(deviations).toHaveLength(8);
  // Float32 and a step of 1/64 leave three digits or more.
  for (const deviation of deviations) expect(deviation).toBeLessThan(2e-3);
});

test.runIf(FULL)("classifier recognizes balanced brackets in unseen strings", { timeout: LIMIT }, async () => {
  const text = await output("classifier");
  expect(numbers(text, /^Test accuracy: (\S+)/gm)[0]).toBeGreaterThan(0.95);
  expect(text).toMatch(/^ {2}\(\[\]\)\[\] +balanced/m);
  expect(text).toMatch(/^ {2}\(\[\)\]\[\] +unbalanced/m);
});

test.runIf(FULL)("adding learns to add over 12 steps", { timeout: LIMIT }, async () => {
  const text = await output("adding", 12);
  const losses = numbers(text, /test mean squared error (\S+)$/gm);
  expect(losses.at(-1)).toBeLessThan(0.01);
  expect(text).toContain("it adds.");
});

test.runIf(FULL)("copy learns to remember a letter", { timeout: LIMIT }, async () => {
  const text = await output("copy", 1, 3);
  expect(text).toContain("it remembers.");
  const [, read, written] = text.match(/^reads +(\S+)\nwrites +(\S+)$/m)!;
  expect(written).toBe(".".repeat(4) + read!.slice(0, 1));
});

test.runIf(FULL)(
  "stream notices a jolt at once, and suggests the same again after a deletion",
  { timeout: LIMIT },
  async () => {
    const text = await output("stream");
    const [, surprises] = text.match(/^The shaft jumps at 3.5 s. Surprises at: (.*) s$/m)!;
    const seconds = surprises!.split(", ").map(Number);
    expect(seconds[0]).toBe(3.5);
    expect(seconds.at(-1)).toBeLessThan(3.6);
    expect(numbers(text, /^(\S+) µs a step/gm)).toHaveLength(1);
    const suggested = (typed: string) => text.match(new RegExp(`^(?:typed|2 erased) +"${typed}" +(.*)$`, "gm"))!;
    const [before, after] = suggested("to be, or not to b").map((line) => line.slice(line.indexOf('" ')));
    expect(before).toContain('"e"');
    expect(after).toBe(before);
    expect(suggested("to be, or not to be, that is th")[0]).toContain('"e"');
  },
);

test.runIf(FULL)("addition begins to learn sums of two digits", { timeout: LIMIT }, async () => {
  const text = await output("addition", 1, 2, 5);
  expect(text).toContain("3600 sums to learn, 400 held out, 8 steps each");
  const losses = numbers(text, /loss (\S+),/g);
  expect(losses).toHaveLength(5);
  // Without what it reads, the best that it could do.
  expect(losses.at(-1)).toBeLessThan(1.6);
  expect(numbers(text, /, (\S+) % of the held-out sums right$/gm).at(-1)).toBeGreaterThan(0);
  expect(text.match(/^ {2}\d+\+\d+ = /gm)).toHaveLength(5);
});

test.runIf(FULL)(
  "names tells nations apart, and with class weights the small ones more often",
  { timeout: LIMIT },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "lstm-wasm-names-"));
    try {
      // Every other letter of a nation's names is its own.
      for (const [nation, letters, count] of [
        ["Few", "aeiou", 15],
        ["Many", "xyzvw", 300],
      ] as const) {
        const names = Array.from({ length: count }, (_, i) =>
          [...String(i + 100)].map((d) => letters[Number(d) % 5] + d).join(""),
        );
        await writeFile(join(folder, `${nation}.txt`), `${names.join("\n")}\n`);
      }
      const text = await output("names", folder, 1, 4);
      expect(text).toMatch(/^Few +3 +\S+ % +100.0 %$/m);
      expect(text).toMatch(/^accuracy +\S+ % +100.0 %$/m);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test("series predicts airline passengers twice as well as last year's values", { timeout: LIMIT }, async () => {
  const text = await output("series", 1);
  const [, seasonalNaive] = text.match(/seasonal naive ([\d.]+)/)!;
  const [, median] = text.match(/median over 1 seeds: ([\d.]+)/)!;
  expect(Number(seasonalNaive)).toBeCloseTo(41.9, 1);
  expect(Number(median)).toBeLessThan(Number(seasonalNaive) / 2);
});

test("reber learns the grammar", { timeout: LIMIT }, async () => {
  const text = await output("reber");
  expect(text).toContain("It knows the grammar.");
  expect(text).toContain("256 of 256 right");
});

test.runIf(FULL)("mnist reads the files of its folder row by row", { timeout: LIMIT }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "lstm-wasm-mnist-"));
  try {
    // A digit is the pair of rows that is lit.
    for (const [part, count] of [
      ["train", 400],
      ["t10k", 50],
    ] as const) {
      const labels = Array.from({ length: count }, (_, i) => (7 * i) % 10);
      const images = labels.flatMap((label) =>
        Array.from({ length: 784 }, (_, pixel) => (Math.floor(pixel / 56) === label ? 255 : 0)),
      );
      await writeFile(
        join(folder, `${part}-images-idx3-ubyte`),
        Uint8Array.from([...new Array(16).fill(0), ...images]),
      );
      await writeFile(join(folder, `${part}-labels-idx1-ubyte`), Uint8Array.from([...new Array(8).fill(0), ...labels]));
    }
    const text = await output("mnist", folder, 32, 80);
    expect(text).toContain("400 images to learn, 50 held out");
    expect(numbers(text, /, (\S+) % of the held-out right$/gm).at(-1)).toBeGreaterThan(80);
  } finally {
    await rm(folder, { recursive: true });
  }
});
