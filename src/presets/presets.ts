import type { WordOptions } from "../data/words.js";
import type { GenerateOptions } from "../inference/generate.js";
import type { ModelOptions } from "../model/options.js";
import type { TrainOptions } from "../training/options.js";
import { HAMLET } from "./hamlet.js";
import { TEN_SENTENCES } from "./next-word.js";
import { SENTENCE } from "./sentence.js";

/** A text with the options that suit it. */
export interface Preset {
  /** What is learnt. */
  readonly text: string;
  /** How the text is cut into words; absent where it is read by characters. */
  readonly words?: WordOptions;
  /** The options of the model, but for its vocabulary. */
  readonly model: ModelOptions;
  /** The options of the run. */
  readonly training: TrainOptions;
  /** What the trained model is asked to write. */
  readonly passage: GenerateOptions;
  /** Of how many epochs each is worth a line where there is no terminal; absent for a line a second. */
  readonly reportEvery?: number;
}

/** The ready-made runs, by name. */
export interface Presets {
  /** Learns Hamlet's soliloquy by heart: the whole text is one sequence, one plain gradient step an epoch. */
  readonly hamlet: Preset;
  /** Learns one sentence by heart. */
  readonly sentence: Preset;
  /** Learns which word follows any three in a row: an update after every window. */
  readonly "next-word": Preset;
}

/** Ready-made runs: what `lstm-wasm train --preset` starts. */
export const presets: Presets = {
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
    passage: { prompt: "t", maxTokens: HAMLET.length - 1, greedy: true },
  },
  sentence: {
    text: SENTENCE,
    model: { hiddenSize: 50, initialization: "xavier-uniform" },
    training: {
      epochs: 1000,
      batchSize: 1,
      sequenceLength: 0,
      optimizer: "sgd",
      learningRate: 0.01,
      lossReduction: "sum",
    },
    passage: { prompt: "l", maxTokens: SENTENCE.length - 1, greedy: true },
  },
  "next-word": {
    text: TEN_SENTENCES,
    words: { lowercase: true, punctuation: "strip" },
    model: { window: 3, hiddenSize: 32, initialization: "glorot-normal" },
    training: {
      epochs: 300,
      batchSize: 1,
      optimizer: "sgd",
      learningRate: 0.05,
      lossReduction: "sum",
      clipValue: 1,
    },
    passage: { prompt: "The forget gate", maxTokens: 8, greedy: true },
    reportEvery: 50,
  },
};
