import { InputError } from "../common/errors.js";
import { type Batches, type TextBatches, TokenStreams, TokenWindows } from "../data/batches.js";
import { check, type Example, ExampleBatches } from "../data/examples.js";
import type { Model } from "./model.js";

/** Data to train or evaluate a model on: a text, its tokens, or examples. */
export type Data = string | Int32Array | readonly Example[];

/** Whether data are a text or its tokens rather than examples. */
export const isText = (data: Data): data is string | Int32Array =>
  typeof data === "string" || data instanceof Int32Array;

/** Steps per forward pass: enough to keep the kernels busy, few enough to stay in cache. */
export const READING_STEPS = 256;
/** Windows or examples per forward pass. */
const READING_BATCH_SIZE = 64;

/**
 * Batches for one forward pass over all data, a text as one stream.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or data that do not fit the model
 */
export function readingBatches(model: Model, data: Data): Batches {
  const all = encodeData(model, data);
  const isStream = all instanceof Int32Array && model.config.window === 0;
  return batchesOf(model, all, isStream ? 1 : READING_BATCH_SIZE, READING_STEPS);
}

/**
 * Batches of a text, to predict each of its tokens.
 *
 * @throws as {@link readingBatches}
 */
export function predictionBatches(model: Model, text: string | Int32Array, batchSize: number): TextBatches {
  return textBatchesOf(model, encodeData(model, text) as Int32Array, batchSize, Math.ceil(READING_STEPS / batchSize));
}

/**
 * Encodes a text as tokens; returns examples unchanged.
 *
 * @throws InputError for data that are neither a text nor examples, or do not fit the model
 */
export function encodeData(model: Model, data: Data): Int32Array | readonly Example[] {
  if (!isText(data) && !Array.isArray(data))
    throw new InputError("expected a text, its tokens, or an array of examples");
  if (isText(data) && !model.isLanguageModel)
    throw new InputError("this model does not predict the next token: pass examples instead of a text");
  if (typeof data === "string") return model.vocabulary.encode(data);
  if (data instanceof Int32Array) check(data, model.input, "tokens");
  return data;
}

export function batchesOf(
  model: Model,
  data: Int32Array | readonly Example[],
  batchSize: number,
  sequenceLength: number,
): Batches {
  if (data instanceof Int32Array) return textBatchesOf(model, data, batchSize, sequenceLength);
  return new ExampleBatches(data, batchSize, model.input, model.output, model.config.returnSequences);
}

function textBatchesOf(model: Model, tokens: Int32Array, batchSize: number, sequenceLength: number): TextBatches {
  const { window } = model.config;
  if (window > 0) return new TokenWindows(tokens, batchSize, window);
  return new TokenStreams(tokens, batchSize, sequenceLength);
}
