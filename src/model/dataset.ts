import { InputError } from "../common/errors.js";
import { isTokens } from "../common/realms.js";
import { show } from "../common/show.js";
import { type Batches, type TextBatches, TokenStreams } from "../data/batches.js";
import {
  type ClassWeights,
  check,
  type Example,
  type ExampleSpec,
  readExamples,
  type Sequence,
} from "../data/examples.js";
import type { InputKind, Model } from "./model.js";

/**
 * Data to train or evaluate a model on: a text, its tokens, or examples; only examples if the model reads vectors. Tokens are an
 * Int32Array (`Int32Array.from(list)`), as a vocabulary's `encode` gives them: an ordinary array is one of examples.
 */
export type Data<Reads extends InputKind = "tokens"> =
  | readonly Example[]
  | ("tokens" extends Reads ? string | Int32Array : never);

/** Whether data are a text or its tokens rather than examples. */
export const isText = (data: Data): data is string | Int32Array => typeof data === "string" || isTokens(data);

/** Steps per forward pass: enough to keep the kernels busy, few enough to stay in cache. */
export const READING_STEPS = 256;
/** Windows or examples per forward pass. */
const READING_BATCH_SIZE = 64;

/**
 * Batches for one forward pass over all data, a text as one stream. The data are copied before it returns.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or data that do not fit the model
 */
export async function readingBatches(model: Model, data: Data): Promise<Batches> {
  const all = encodeData(model, data);
  const isStream = all instanceof Int32Array && model.config.window === 0;
  return batchesOf(model, all, isStream ? 1 : READING_BATCH_SIZE, READING_STEPS);
}

/**
 * Batches of a text, to predict each of its tokens. The text is copied before it returns.
 *
 * @param passSequences how many of the sequences a pass has: chunks are as long as fills it
 *
 * @throws as {@link readingBatches}
 */
export async function predictionBatches(
  model: Model,
  text: string | Int32Array,
  batchSize: number,
  passSequences: number = batchSize,
): Promise<TextBatches> {
  if (!isText(text)) throw new InputError("expected a text or its tokens");
  return textBatchesOf(
    model,
    encodeData(model, text) as Int32Array,
    batchSize,
    Math.ceil(READING_STEPS / passSequences),
  );
}

/**
 * Validates and copies data: a text as tokens, examples as flat arrays.
 *
 * @throws InputError for data that are neither a text nor examples, or do not fit the model
 */
export function encodeData(model: Model, data: Data): Int32Array | readonly Sequence[] {
  if (!isText(data)) {
    if (!Array.isArray(data))
      throw new InputError(`expected a text, its tokens (an Int32Array), or an array of examples, got ${show(data)}`);
    return readExamples(data, specOf(model));
  }
  if (!model.isLanguageModel)
    throw new InputError("this model does not predict the next token: pass examples instead of a text");
  if (typeof data === "string") return encodeText(model, data);
  const tokens = new Int32Array(data);
  check(tokens, model.input, "tokens");
  return tokens;
}

/**
 * A text as tokens.
 *
 * @throws InputError where a custom vocabulary gives what are none of its tokens: they would be addresses outside the tensors
 */
export function encodeText({ vocabulary, input }: Model, text: string): Int32Array {
  const tokens = vocabulary.encode(text);
  if (!isTokens(tokens)) throw new InputError(`vocabulary.encode: expected an Int32Array, got ${show(tokens)}`);
  check(tokens, input, "tokens");
  return tokens;
}

/** The format of a model's examples. */
export const specOf = ({ input, output, config: { returnSequences, classes } }: Model): ExampleSpec => ({
  input,
  output,
  returnSequences,
  classes,
});

/** Batches of encoded data. */
export async function batchesOf(
  model: Model,
  data: Int32Array | readonly Sequence[],
  batchSize: number,
  sequenceLength: number,
  classWeights?: ClassWeights,
): Promise<Batches> {
  if (data instanceof Int32Array) return textBatchesOf(model, data, batchSize, sequenceLength);
  const { ExampleBatches } = await import("../data/example-batches.js");
  return new ExampleBatches(data, batchSize, specOf(model), classWeights);
}

async function textBatchesOf(
  model: Model,
  tokens: Int32Array,
  batchSize: number,
  sequenceLength: number,
): Promise<TextBatches> {
  const { window } = model.config;
  if (window === 0) return new TokenStreams(tokens, batchSize, sequenceLength);
  const { TokenWindows } = await import("../data/token-windows.js");
  return new TokenWindows(tokens, batchSize, window);
}
