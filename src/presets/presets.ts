import type { ModelOptions, TrainOptions } from "../config.js";
import type { GenerateOptions } from "../generate.js";
import { HAMLET } from "./hamlet.js";

/** A text with the options that suit it. */
export interface Preset {
  readonly text: string;
  readonly model: ModelOptions;
  readonly training: TrainOptions;
  /** What the trained model is asked to write. */
  readonly passage: GenerateOptions;
}

/** Ready-made runs. */
export const presets = {
  /** Learns Hamlet's soliloquy by heart: the whole text is one sequence, one plain gradient step an epoch. */
  hamlet: {
    text: HAMLET,
    model: { hiddenSize: 25, initialization: "xavier-uniform" },
    training: {
      epochs: 1000,
      batchSize: 1,
      sequenceLength: 0,
      optimizer: "sgd",
      learningRate: 0.05,
      lossReduction: "sum",
      clipValue: 1,
    },
    passage: { prompt: "t", length: HAMLET.length - 1, greedy: true },
  },
} as const satisfies Record<string, Preset>;
