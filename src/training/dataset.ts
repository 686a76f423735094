import { OptionError } from "../common/errors.js";
import type { Batches } from "../data/batches.js";
import { fingerprint } from "../data/fingerprint.js";
import { batchesOf, type Data, encodeData, READING_STEPS } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import type { TrainConfig } from "./options.js";

/** The number of tokens or examples to train on: all but the held-out ones at the end. */
export const trainingLength = (length: number, { validationFraction }: TrainConfig): number =>
  length - Math.floor(length * validationFraction);

/** Training batches, and validation batches from the end of the data. */
export interface Dataset {
  readonly training: Batches;
  readonly validation: Batches | undefined;
  readonly fingerprint: string;
}

/**
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or data that do not fit the model
 * @throws OptionError if the held-out part is too small
 */
export function splitData(model: Model, data: Data, config: TrainConfig): Dataset {
  const { batchSize, sequenceLength, validationFraction } = config;
  const all = encodeData(model, data);
  const cut = trainingLength(all.length, config);
  const held = all.length - cut;
  const needed = all instanceof Int32Array ? Math.max(2, model.config.window + 1) : 1;
  if (validationFraction > 0 && held < needed)
    throw new OptionError("validationFraction", `at least ${needed} of ${all.length} held out`, validationFraction);
  const part = (from: number, to: number) => (all instanceof Int32Array ? all.subarray(from, to) : all.slice(from, to));
  // Streams shorter than a chunk would mostly lack context, so a short text is split into fewer.
  const streams = all instanceof Int32Array ? Math.min(batchSize, Math.ceil(held / READING_STEPS)) : batchSize;
  return {
    training: batchesOf(model, part(0, cut), batchSize, sequenceLength),
    validation: held > 0 ? batchesOf(model, part(cut, all.length), streams, READING_STEPS) : undefined,
    fingerprint: fingerprint(all),
  };
}
