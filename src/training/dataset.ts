import type { Batches } from "../data/batches.js";
import type { ClassWeights } from "../data/examples.js";
import { fingerprint } from "../data/fingerprint.js";
import { batchesOf } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import type { Encoded } from "./encoded.js";
import type { TrainConfig } from "./options.js";
import type { Validation } from "./validation.js";

/** Training batches, and validation batches. */
export interface Dataset {
  readonly training: Batches;
  readonly validation: Validation | undefined;
  readonly fingerprint: string;
  /** Identifies separate validation data. */
  readonly validationFingerprint: string | undefined;
}

/**
 * @param own data to validate on, in place of a held-out part
 * @throws InputError for too little data
 * @throws OptionError if the held-out part is too small
 */
export async function splitData(model: Model, all: Encoded, config: TrainConfig, own?: Encoded): Promise<Dataset> {
  const { batchSize, sequenceLength, validationFraction } = config;
  const classWeights = config.classWeights as ClassWeights;
  const held =
    own || validationFraction > 0
      ? await (await import("./validation.js")).holdData(model, all, config, own)
      : undefined;
  return {
    training: await batchesOf(model, held?.kept ?? all, batchSize, sequenceLength, classWeights),
    validation: held?.validation,
    fingerprint: fingerprint(all),
    validationFingerprint: own && fingerprint(own),
  };
}
