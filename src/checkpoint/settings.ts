import { LstmError, OptionError } from "../common/errors.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { vocabularyFrom } from "../data/vocabulary-from.js";
import { type ModelConfig, type ModelOptions, settleModel } from "../model/options.js";
import { CheckpointError, quote } from "./checkpoint-error.js";
import { inferSizes, vocabularySizeOf } from "./parameters.js";
import type { TensorData } from "./safetensors/safetensors.js";

type Metadata = ReadonlyMap<string, string>;

/** Where errors say that the metadata is. */
const METADATA = ["header", "__metadata__"];

/**
 * The model's configuration; for a file without one, what the tensors tell.
 *
 * @throws CheckpointError for one that is none
 */
export function readConfig(metadata: Metadata, tensors: ReadonlyMap<string, TensorData>, own: boolean): ModelConfig {
  const options: ModelOptions = (own ? readObject(metadata, "model") : undefined) ?? inferSizes(tensors);
  return checked([...METADATA, "model"], () => settleModel(options));
}

/**
 * The vocabulary of the file, or the one given; undefined for a model that reads vectors.
 *
 * @throws CheckpointError where there is none, both differ, or it is no vocabulary
 */
export function readVocabulary(
  metadata: Metadata,
  tensors: ReadonlyMap<string, TensorData>,
  { inputSize }: ModelConfig,
  given: Vocabulary | undefined,
): Vocabulary | undefined {
  const stored = metadata.get("vocabulary");
  const where = [...METADATA, "vocabulary"];
  if (inputSize > 0) {
    if (stored !== undefined) throw new CheckpointError(where, "none, since the model reads vectors", "one");
    return undefined;
  }
  if (stored === undefined && !given) {
    throw new CheckpointError(where, "the tokens as JSON, or the option vocabulary", "neither");
  }
  if (stored !== undefined && given) throw new OptionError("vocabulary", "no value for a file that has its own", given);
  const vocabulary = stored === undefined ? given! : checked(where, () => vocabularyFrom(parse(stored, where)));
  const entries = vocabularySizeOf(tensors);
  if (entries !== undefined && vocabulary.size !== entries)
    throw new CheckpointError(where, `${entries} entries, as the tensors have it`, vocabulary.size);
  return vocabulary;
}

/**
 * The JSON object behind a key; undefined where there is no such key.
 *
 * @throws CheckpointError where it is no JSON object
 */
export function readObject(metadata: Metadata, key: string): Record<string, unknown> | undefined {
  const text = metadata.get(key);
  if (text === undefined) return undefined;
  const value = parse(text, [...METADATA, key]);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CheckpointError([...METADATA, key], "a JSON object", quote(text));
  return value as Record<string, unknown>;
}

/** Runs a check of the library's own; what it finds wrong is the file's fault. */
export function checked<Result>(where: string[], check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof LstmError)) throw error;
    throw new CheckpointError(where, "what the library writes", error.message);
  }
}

function parse(text: string, where: string[]): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CheckpointError(where, "JSON", quote(text));
  }
}
