import { type Batches, TokenStreams, TokenWindows } from "#lstm/data/batches.js";
import type { OptimizerName } from "#lstm/optimizer.js";
import { Random } from "#lstm/random.js";

/** One thing to measure. Sizes as in the table of the README: B, T, V, H. */
export interface Case {
  readonly name: string;
  readonly batchSize: number;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Absent for generation. */
  readonly training?: {
    readonly sequenceLength: number;
    readonly optimizer: OptimizerName;
    readonly scored: Batches["scored"];
  };
}

const V = 65;

export const CASES: readonly Case[] = [
  training("hamlet", 1, 865, 32, 25, 1, "sgd"),
  training("next-word", 1, 3, 76, 32, 1, "sgd", "last"),
  training("char-rnn", 50, 50, V, 128, 2, "adam"),
  training("wide", 32, 64, V, 256, 1, "adam"),
  training("large", 64, 64, V, 512, 2, "adam"),
  { name: "generate-128x2", batchSize: 1, vocabularySize: V, hiddenSize: 128, layers: 2 },
  { name: "generate-256", batchSize: 1, vocabularySize: V, hiddenSize: 256, layers: 1 },
  { name: "generate-512x2", batchSize: 1, vocabularySize: V, hiddenSize: 512, layers: 2 },
];

function training(
  name: string,
  batchSize: number,
  sequenceLength: number,
  vocabularySize: number,
  hiddenSize: number,
  layers: number,
  optimizer: OptimizerName,
  scored: Batches["scored"] = "every",
): Case {
  return { name, batchSize, vocabularySize, hiddenSize, layers, training: { sequenceLength, optimizer, scored } };
}

/** Random tokens for a training case, in an epoch of four chunks. */
export function batchesOf({ batchSize, vocabularySize, training }: Case): Batches {
  const { sequenceLength, scored } = training!;
  const random = new Random(1);
  const tokens = Int32Array.from({ length: batchSize * sequenceLength * 4 + 1 }, () =>
    Math.floor(random.uniform() * vocabularySize),
  );
  return scored === "last"
    ? new TokenWindows(tokens, batchSize, sequenceLength)
    : new TokenStreams(tokens, batchSize, sequenceLength);
}

/**
 * Floating-point operations per token: for each weight that is multiplied, 6 in training (forward, and two products
 * backward) and 2 in generation; for the row of weights that a token takes, an addition each way.
 */
export function flopsPerToken({ vocabularySize, hiddenSize, layers, training }: Case): number {
  const recurrent = 4 * hiddenSize * hiddenSize * (2 * layers - 1);
  const scoredShare = training?.scored === "last" ? 1 / training.sequenceLength : 1;
  const output = hiddenSize * vocabularySize * scoredShare;
  const row = 4 * hiddenSize;
  return training ? 6 * (recurrent + output) + 2 * row : 2 * (recurrent + output) + row;
}
