import type { WordOptions } from "../data/words.js";
import type { GenerateOptions } from "../inference/generate-options.js";
import type { ModelOptions } from "../model/options.js";
import type { TrainOptions } from "../training/options.js";
import { HAMLET } from "./hamlet.js";
import { TEN_SENTENCES } from "./next-word.js";
import { SENTENCE } from "./sentence.js";

/** A text with suitable options. */
export interface Preset {
  /** The text to train on. */
  readonly text: string;
  /** How the text is split into words; absent if it is read by character. */
  readonly words?: WordOptions;
  /** The options of the model, without its vocabulary. */
  readonly model: ModelOptions;
  /** The options of the run. */
  readonly training: TrainOptions;
  /** The passage that the trained model generates. */
  readonly passage: GenerateOptions;
  /** Epochs per line of progress without a terminal; absent for a line a second. */
  readonly reportEvery?: number;
}

/** The predefined runs, by name. */
export interface Presets {
  /** Learns Hamlet's soliloquy by heart: the whole text is one sequence, with one plain gradient step per epoch. */
  readonly hamlet: Preset;
  /** Learns one sentence by heart. */
  readonly sentence: Preset;
  /** Learns which word follows any three: one update per window. */
  readonly "next-word": Preset;
}

/** Predefined runs, as started by `lstm-wasm train --preset`. */
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
