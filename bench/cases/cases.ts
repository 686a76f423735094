import type { Batches } from "#lstm/data/batches.js";
import type { OptimizerName } from "#lstm/optim/optimizers.js";

/** A workload to measure. */
export interface Case {
  readonly name: string;
  readonly batchSize: number;
  readonly vocabularySize: number;
  /** Absent where tokens select rows of the input weights. */
  readonly embeddingSize?: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Of the weights, if they are not float32. */
  readonly dtype?: "int8";
  /** For training. */
  readonly training?: {
    readonly sequenceLength: number;
    readonly optimizer: OptimizerName;
    readonly returnSequences: Batches["returnSequences"];
    /** For examples of their own: they have from `shortest` steps to as many more than the mean, sequenceLength. */
    readonly examples?: { readonly count: number; readonly shortest: number };
  };
  /** Whether threads compute each step of the one text together. */
  readonly sharesSteps?: true;
  /** For predictions at every step of whole sequences, `batchSize` of them. Without either, a case generates as many texts. */
  readonly prediction?: { readonly sequenceLength: number };
}

/** The distinct characters of Tiny Shakespeare. */
export const V = 65;

export const CASES: readonly Case[] = [
  trainingCase("hamlet", 1, 865, 32, 25, 1, "sgd"),
  trainingCase("next-word", 1, 3, 76, 32, 1, "sgd", false),
  trainingCase("char-rnn", 50, 50, V, 128, 2, "adam"),
  trainingCase("wide", 32, 64, V, 256, 1, "adam"),
  trainingCase("large", 64, 64, V, 512, 2, "adam"),
  // Zaremba et al. 2014, "small": Penn Treebank by words.
  { ...trainingCase("words", 20, 35, 10_000, 200, 2, "sgd"), embeddingSize: 200 },
  generationCase("generate-128x2", 128, 2),
  generationCase("generate-256", 256, 1),
  generationCase("generate-512x2", 512, 2),
  predictionCase("predict-128x2", 128, 2),
  predictionCase("predict-256", 256, 1),
  predictionCase("predict-512x2", 512, 2),
];

/** Cases of generation, each beside the same with int8 weights. */
export const INT8_PAIRS: readonly (readonly [Case, Case])[] = CASES.filter(
  ({ training, prediction }) => !training && !prediction,
).map((spec) => [spec, { ...spec, name: `${spec.name} int8`, dtype: "int8" }]);

/** One text whose steps threads compute together, and texts that are generated side by side. */
export const SAMPLE_CASES: readonly Case[] = [
  ...[256, 512].map((H): Case => ({ ...generationCase(`1 × ${H}x2`, H, 2), sharesSteps: true })),
  ...[16, 64].flatMap((batchSize) =>
    [128, 512].map((H) => ({ ...generationCase(`${batchSize} × ${H}x2`, H, 2), batchSize })),
  ),
];

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

function generationCase(name: string, hiddenSize: number, layers: number): Case {
  return { name, batchSize: 1, vocabularySize: V, hiddenSize, layers };
}

function predictionCase(name: string, hiddenSize: number, layers: number): Case {
  return { name, batchSize: 32, vocabularySize: V, hiddenSize, layers, prediction: { sequenceLength: 100 } };
}
