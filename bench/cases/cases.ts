import type { Batches } from "#lstm/data/batches.js";
import type { OptimizerName } from "#lstm/optim/optimizers.js";

/** A workload to measure. */
export interface Case {
  readonly name: string;
  readonly batchSize: number;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Of the weights, if they are not float32. */
  readonly dtype?: "int8";
  /** Absent for generation. */
  readonly training?: {
    readonly sequenceLength: number;
    readonly optimizer: OptimizerName;
    readonly returnSequences: Batches["returnSequences"];
    /** For examples of their own: they have from `shortest` steps to as many more than the mean, sequenceLength. */
    readonly examples?: { readonly count: number; readonly shortest: number };
  };
}

/** The distinct characters of Tiny Shakespeare. */
export const V = 65;

export const CASES: readonly Case[] = [
  trainingCase("hamlet", 1, 865, 32, 25, 1, "sgd"),
  trainingCase("next-word", 1, 3, 76, 32, 1, "sgd", false),
  trainingCase("char-rnn", 50, 50, V, 128, 2, "adam"),
  trainingCase("wide", 32, 64, V, 256, 1, "adam"),
  trainingCase("large", 64, 64, V, 512, 2, "adam"),
  { name: "generate-128x2", batchSize: 1, vocabularySize: V, hiddenSize: 128, layers: 2 },
  { name: "generate-256", batchSize: 1, vocabularySize: V, hiddenSize: 256, layers: 1 },
  { name: "generate-512x2", batchSize: 1, vocabularySize: V, hiddenSize: 512, layers: 2 },
];

/** Cases of generation, each beside the same with int8 weights. */
export const INT8_PAIRS: readonly (readonly [Case, Case])[] = CASES.filter(({ training }) => !training).map((spec) => [
  spec,
  { ...spec, name: `${spec.name} int8`, dtype: "int8" },
]);

export function trainingCase(
  name: string,
  batchSize: number,
  sequenceLength: number,
  vocabularySize: number,
  hiddenSize: number,
  layers: number,
  optimizer: OptimizerName,
  returnSequences = true,
): Case {
  return {
    name,
    batchSize,
    vocabularySize,
    hiddenSize,
    layers,
    training: { sequenceLength, optimizer, returnSequences },
  };
}
