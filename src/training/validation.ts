import { OptionError } from "../common/errors.js";
import { Random } from "../common/random.js";
import type { Batches } from "../data/batches.js";
import type { ClassWeights } from "../data/examples.js";
import { meanLoss } from "../inference/mean-loss.js";
import { batchesOf, READING_STEPS } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import { type Encoded, namingValidationData, trainingLength } from "./encoded.js";
import type { TrainConfig } from "./options.js";
import { stratified } from "./stratified.js";

// Fetched by runs that validate.

/** The data that are trained on, and what evaluates the others. */
export interface Held {
  readonly kept: Encoded;
  readonly validation: Validation;
}

/** Batches to validate on, and what does. */
export interface Validation {
  readonly batches: Batches;
  readonly meanLoss: typeof meanLoss;
}

/**
 * @param own data to validate on, in place of a held-out part
 * @throws InputError for too little data
 * @throws OptionError if the held-out part is too small
 */
export async function holdData(
  model: Model,
  all: Encoded,
  config: TrainConfig,
  own: Encoded | undefined,
): Promise<Held> {
  const [kept, held] = own ? [all, own] : holdOut(model, all, config);
  const { batchSize } = config;
  // Streams shorter than a chunk would mostly lack context, so a short text is split into fewer.
  const streams = held instanceof Int32Array ? Math.min(batchSize, Math.ceil(held.length / READING_STEPS)) : batchSize;
  const classWeights = config.classWeights as ClassWeights;
  const batches = batchesOf(model, held, Math.max(1, streams), READING_STEPS, classWeights);
  return { kept, validation: { batches: await batches.catch(namingValidationData), meanLoss } };
}

/** The training part and the held-out part. */
function holdOut(model: Model, all: Encoded, config: TrainConfig): [Encoded, Encoded] {
  const { validationFraction } = config;
  const cut = trainingLength(all.length, config);
  const held = all.length - cut;
  const needed = all instanceof Int32Array ? Math.max(2, model.config.window + 1) : 1;
  if (validationFraction > 0 && held < needed)
    throw new OptionError("validationFraction", `at least ${needed} of ${all.length} held out`, validationFraction);
  if (all instanceof Int32Array) return [all.subarray(0, cut), all.subarray(cut)];
  if (!config.stratify) return [all.slice(0, cut), all.slice(cut)];
  const chosen = stratified(all, held, new Random(model.config.seed));
  return [all.filter((_, i) => !chosen.has(i)), all.filter((_, i) => chosen.has(i))];
}
