import type { Vocabulary } from "../data/vocabulary.js";

// What every reader makes of a file, and `build` a model of: plain numbers, in PyTorch's shapes and order of gates.

/** One direction of an LSTM layer. */
export interface Direction {
  /** [4 · hiddenSize, inputSize], gates i, f, g, o. */
  readonly weightIh: Float32Array;
  /** [4 · hiddenSize, hiddenSize]. */
  readonly weightHh: Float32Array;
  /** [4 · hiddenSize]: the sum, where a framework has two. */
  readonly bias: Float32Array;
}

/** An LSTM layer. Its output is that of each direction that it has, the forward one first. */
export interface Layer {
  /** As in the file, for messages. */
  readonly name: string;
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** From the first step to the last. */
  readonly forward?: Direction;
  /** From the last step to the first. */
  readonly reverse?: Direction;
}

/** The table of a model that reads tokens. */
export interface Embedding {
  readonly name: string;
  /** Rows: one for each token. */
  readonly tokens: number;
  /** Columns. */
  readonly size: number;
  /** [tokens, size]. */
  readonly weight: Float32Array;
}

/** The layer that makes the outputs. */
export interface Linear {
  readonly name: string;
  readonly outputSize: number;
  /** Width of the last LSTM layer's output. */
  readonly inputSize: number;
  /** [outputSize, inputSize]. */
  readonly weight: Float32Array;
  /** [outputSize]. */
  readonly bias: Float32Array;
  /** What comes after it, where the file says so. */
  readonly activation?: "none" | "softmax" | undefined;
}

/** A network as a foreign file describes it: tokens or vectors → LSTM layers → a linear layer, if there is one. */
export interface Description {
  readonly embedding?: Embedding | undefined;
  /** At least one. */
  readonly layers: readonly Layer[];
  readonly linear?: Linear | undefined;
  /** Whether every step has an output or only the last, where the file says so. */
  readonly returnSequences?: boolean | undefined;
  /** The tokens, where the file has them. */
  readonly vocabulary?: Vocabulary | undefined;
}

/** The directions of a layer: 0 forward, 1 reverse. */
export const directionsOf = ({ forward, reverse }: Layer): number[] => [
  ...(forward ? [0] : []),
  ...(reverse ? [1] : []),
];

/** The width of a layer's output. */
export const outputWidth = (layer: Layer): number => layer.hiddenSize * directionsOf(layer).length;
