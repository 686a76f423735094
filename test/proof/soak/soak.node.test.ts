import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Activities } from "./activities.js";
import { followMemories, read, type Sample } from "./gauges.js";
import { growths } from "./verdict.js";

const { Memory } = WebAssembly;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
});
afterAll(() => {
  WebAssembly.Memory = Memory;
  rmSync(folder, { recursive: true });
});

// npm run soak -- --hours N does this for hours.
test("two rounds of all activities do what they should, and the gauges see it", async () => {
  const memories = followMemories();
  const activities = await Activities.begin(folder);
  await activities.round(0);
  await activities.round(1);
  const { rss, wasm, memories: alive, handles, threads } = read(memories);
  await activities.end();
  expect(activities.steps).toBeGreaterThan(400);
  expect(alive).toBeGreaterThan(0);
  expect(wasm).toBeGreaterThan(0.1);
  expect(rss).toBeGreaterThan(10);
  if (process.platform === "linux") expect(Math.min(handles, threads)).toBeGreaterThan(1);
});

describe("the verdict", () => {
  const flat = { rss: 80, heap: 8, external: 3, memories: 3, wasm: 1, addresses: 30, handles: 20, threads: 11 };
  const samples = (change: (i: number) => Partial<Sample>): Sample[] =>
    Array.from({ length: 50 }, (_, i) => ({ seconds: i, rounds: i, steps: i, ...flat, ...change(i) }));
  const grown = (all: readonly Sample[]) => growths(all).flatMap(({ name, hasGrown }) => (hasGrown ? [name] : []));

  test("overlooks the warm-up and single peaks", () => {
    expect(grown(samples((i) => (i < 10 ? { rss: 50 } : i === 45 ? { rss: 900, threads: 20 } : {})))).toEqual([]);
  });

  test("sees what grows slowly", () => {
    expect(grown(samples((i) => ({ rss: 80 + i, handles: 20 + i / 10 })))).toEqual(["rss", "handles"]);
    expect(grown(samples((i) => ({ memories: 3 + i, wasm: 1 + i / 4 })))).toEqual(["wasm", "memories"]);
  });
});
