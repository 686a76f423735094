import { InputError } from "../common/errors.js";
import type { Sequence } from "../data/examples.js";
import { type Data, encodeData } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import type { TrainConfig } from "./options.js";

/** Data to train or validate on, validated and copied. */
export type Encoded = Int32Array | readonly Sequence[];

/** The number of tokens or examples to train on: all but the held-out ones. */
export const trainingLength = (length: number, { validationFraction }: TrainConfig): number =>
  length - Math.round(length * validationFraction);

/**
 * Validates and copies data to validate on.
 *
 * @throws InputError, UnknownTokenError as encodeData
 */
export function encodeValidationData(model: Model, data: Data): Encoded {
  try {
    return encodeData(model, data);
  } catch (error) {
    return namingValidationData(error);
  }
}

/** Names the validation data in an error about them. */
export function namingValidationData(error: unknown): never {
  throw error instanceof InputError ? new InputError(`validationData: ${error.message}`) : error;
}

/** Whether each example has one class as its target. */
export const hasClassEach = ({ output, config, isLanguageModel }: Model): boolean =>
  output.kind === "categorical" && !config.returnSequences && !isLanguageModel;
