import { integer, type OptionsOf, SIGNAL } from "../common/options.js";
import { MAX_BATCH_SIZE, SEED, THREADS } from "../model/options.js";
import type { ClassFigures } from "./confusion.js";
import { PROCESS_GROUP } from "./process-group.js";

/** Options of `evaluate`. */
export const EVALUATE_OPTIONS = {
  /** Number of threads, which changes nothing but the time; 0 takes as many as are useful on this machine. */
  threads: THREADS,
  /** Processes that share the evaluation, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Aborts the evaluation with the signal's reason. */
  signal: SIGNAL,
};

/** Options of `predictNextTokens`. */
export const NEXT_TOKENS_OPTIONS = {
  /** Streams that the text is split into, as in training with this batch size. */
  batchSize: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Seed of the sampled predictions. */
  seed: SEED,
  /** Number of threads, which changes nothing but the time; 0 takes as many as are useful on this machine. */
  threads: THREADS,
  /** Processes that share the streams, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Aborts with the signal's reason. */
  signal: SIGNAL,
};

/** Options of `evaluate`. */
export interface EvaluateOptions extends OptionsOf<typeof EVALUATE_OPTIONS> {}

/** Options of `predictNextTokens`. */
export interface PredictNextTokensOptions extends OptionsOf<typeof NEXT_TOKENS_OPTIONS> {}

/** How well a model predicts a text, or the targets of examples. */
export interface Evaluation {
  /** Number of predictions: for a text, one fewer than its tokens. */
  readonly predictions: number;
  /** Mean loss per prediction: for tokens the cross-entropy in nats. */
  readonly loss: number;
  /** Perplexity, e to the loss: the number of equally likely tokens that would be as uncertain. For tokens. */
  readonly perplexity?: number;
  /** The loss in bits: loss / ln 2. For characters. */
  readonly bitsPerCharacter?: number;
  /** Fraction of predictions whose most probable token was correct. For tokens. */
  readonly accuracy?: number;
  /** Fraction of the target tokens that are `<unk>`. The other figures include these. For a vocabulary with `<unk>`. */
  readonly unknown?: number;
  /**
   * How often a target of each class (row) was predicted as each class (column), as in scikit-learn. For examples with at
   * most 1000 classes.
   */
  readonly confusion?: readonly (readonly number[])[];
  /** Precision and recall of each class. With `confusion`. */
  readonly classes?: readonly ClassFigures[];
  /** The figures without targets that are `<unk>`; absent if all are. */
  readonly known?: Required<Pick<Evaluation, "predictions" | "loss" | "perplexity" | "accuracy">>;
}

/** A model's predictions of every next token of a text. */
export interface NextTokenPredictions {
  /** The most probable tokens, starting with the one after the text's first token. */
  readonly text: string;
  /** Fraction of them that match the text. */
  readonly accuracy: number;
  /** The same with tokens sampled from the softmax. */
  readonly sampledText: string;
  /** Fraction of the sampled tokens that match the text. */
  readonly sampledAccuracy: number;
}
