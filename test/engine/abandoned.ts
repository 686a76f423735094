import { expect, vi } from "vitest";
import { characters } from "../internals/data.js";
import { createModel, type Model } from "../internals/model.js";
import { HAMLET } from "../internals/presets.js";
import { DataParallel, train } from "../internals/training.js";

/** How long a terminated thread runs on in these tests, in milliseconds: longer than a task takes. */
export const LATE = 600;
const STEPS = 5_000;
/** A valid token: with another value, a thread that reads it would fail and stop writing. */
const SENTINEL = 0;

/** A model whose training steps keep every thread busy for an eighth of a second and more. */
export const slowModel = () => createModel({ vocabulary: characters(HAMLET), hiddenSize: 96, backend: "simd" });

/** Begins a step on so many threads. */
export function beginStep(model: Model, threads: number): Promise<unknown> {
  const text = HAMLET.repeat(Math.ceil((threads * STEPS + 1) / HAMLET.length)).slice(0, threads * STEPS + 1);
  return train(model, text, {
    batchSize: threads,
    gradientShards: threads,
    threads,
    sequenceLength: STEPS,
    epochs: 1,
  }).next();
}

/** Replaces the main thread's part of a step, while the others work on theirs. */
export function whenTasksAreGivenOut(act: () => void): void {
  vi.spyOn(DataParallel.prototype, "compute").mockImplementation(() => {
    act();
    return 0;
  });
}

/** Overwrites all memory that the run has released, and expects that nobody else writes to it. */
export async function expectMemoryIsFree(model: Model): Promise<void> {
  const { engine } = model;
  const { start } = engine.plan(1, 1);
  engine.floats.fill(SENTINEL, start / 4);
  await new Promise((resolve) => setTimeout(resolve, 1.5 * LATE));
  expect(engine.floats.subarray(start / 4).every((value) => value === SENTINEL)).toBe(true);
}
