import { expect } from "vitest";
import { characters, createModel, type TrainOptions, train } from "../../../src/index.js";
import { presets } from "../../../src/presets.js";

/** What the consumers' program prints. */
export interface Result {
  /** The loss after 20 epochs of the Hamlet preset on simd. */
  readonly hamlet: number;
  /** The loss of a batch in two parts. */
  readonly onTwoThreads: number;
  readonly warnings: readonly string[];
}

/** The warning if a bundler drops the threads' script. */
export const NO_THREAD: string = expect.stringMatching(/no worker could be started/);
/** The warning without a build for shared memory. */
export const NO_SHARED_MEMORY: string = expect.stringMatching(/memory cannot be shared/);

/** What it prints in Node, from the sources. */
export async function expectedResult(): Promise<Result> {
  const onTwoThreads = { epochs: 2, batchSize: 4, sequenceLength: 20, gradientShards: 2, threads: 2 };
  return { hamlet: await lossAfter({ epochs: 20 }), onTwoThreads: await lossAfter(onTwoThreads), warnings: [] };
}

async function lossAfter(changes: TrainOptions): Promise<number> {
  const { text, model: options, training } = presets.hamlet;
  const model = await createModel({ ...options, vocabulary: characters(text), backend: "simd" });
  let loss = Number.NaN;
  for await (const { trainLoss } of train(model, text, { ...training, ...changes })) loss = trainLoss;
  model.free();
  return loss;
}
