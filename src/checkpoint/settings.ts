import { LstmError, OptionError } from "../common/errors.js";
import type { OptionSpecs } from "../common/options.js";
import { outline, parseJson } from "../common/parse-json.js";
import { quote, show } from "../common/show.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { MODEL_OPTIONS, type ModelConfig, settleModel } from "../model/options.js";
import { CheckpointError } from "./checkpoint-error.js";
import type { inferSizes as InferSizesOf } from "./foreign.js";
import type { TensorInfo } from "./safetensors/safetensors.js";

type Metadata = ReadonlyMap<string, string>;
type Tensors = ReadonlyMap<string, TensorInfo>;
type InferSizes = typeof InferSizesOf;

/** Most commas in a vocabulary's JSON besides those between its tokens. */
const DESCRIBED = 8;

/** The key of the JSON of a custom vocabulary, which only the user can create again. */
export const CUSTOM_VOCABULARY = "custom_vocabulary";

/** How the names of the tensors of a run begin. */
export const TRAINING = "training.";

/** The place of the metadata in errors. */
export const METADATA = ["header", "__metadata__"];

/**
 * The model's configuration, inferred from the tensors if the file has none.
 *
 * @param inferSizes of foreign.ts, for a file of another program
 * @throws CheckpointError for an invalid configuration
 */
export function readConfig(metadata: Metadata, tensors: Tensors, inferSizes: InferSizes | undefined): ModelConfig {
  const where = [...METADATA, "model"];
  if (inferSizes) {
    const sizes = inferSizes(tensors);
    return checked(where, () => settleModel(sizes));
  }
  return complete(where, readObject(metadata, "model"), MODEL_OPTIONS, settleModel);
}

/**
 * Checks that a file of ours has all options and no others. A default for a missing one might have changed since.
 *
 * @throws CheckpointError for missing, unknown or invalid options
 */
export function complete<Config extends object>(
  where: string[],
  stored: unknown,
  specs: OptionSpecs,
  settle: (options: object) => Config,
): Config {
  const options = Object(stored) as Record<string, unknown>;
  for (const [name, spec] of Object.entries(specs))
    if (spec.default !== undefined && !spec.isLater && !Object.hasOwn(options, name))
      throw new CheckpointError([...where, name], "a value", "none");
  const other = Object.keys(options).find((name) => !Object.hasOwn(specs, name));
  if (other !== undefined) throw new CheckpointError([...where, other], "no such option", shown(options[other]));
  return checked(where, () => settle(options));
}

/**
 * The file's vocabulary, or the one given; undefined for a model that reads vectors.
 *
 * @param entries the vocabulary size that the tensors imply
 * @param restore makes a vocabulary of the file's description
 * @throws CheckpointError for a vocabulary that is missing, invalid, or of another size
 */
export function readVocabulary(
  metadata: Metadata,
  entries: number,
  { inputSize }: ModelConfig,
  given: Vocabulary | undefined,
  restore: (description: unknown) => Vocabulary,
): Vocabulary | undefined {
  const stored = metadata.get("vocabulary");
  const custom = metadata.get(CUSTOM_VOCABULARY);
  const where = [...METADATA, "vocabulary"];
  if (inputSize > 0) {
    if ((stored ?? custom) !== undefined)
      throw new CheckpointError(where, "none, since the model reads vectors", "one");
    return undefined;
  }
  if (custom !== undefined && stored === undefined && JSON.stringify(given?.toJSON()) !== custom)
    throw new OptionError(
      "vocabulary",
      "the custom vocabulary that the model was created with" + (given ? ": the toJSON() of this one differs" : ""),
      given,
    );
  if (stored === undefined && !given) {
    throw new CheckpointError(where, "the tokens as JSON, or the option vocabulary", "neither");
  }
  if (stored !== undefined && given)
    throw new OptionError("vocabulary", "no value for a file that has a vocabulary", given);
  const mismatch = (size: number | string) =>
    new CheckpointError(where, `${entries} entries, to match the tensors`, size);
  if (stored !== undefined) {
    // A token takes a hundred times the memory of its text: create no more than the tensors allow.
    const { commas } = outline(stored);
    if (commas > entries + DESCRIBED) throw mismatch("more");
  }
  const vocabulary = stored === undefined ? given! : checked(where, () => restore(parse(stored, where, stored.length)));
  if (vocabulary.size !== entries) throw mismatch(vocabulary.size);
  return vocabulary;
}

/**
 * The JSON object under a metadata key.
 *
 * @throws CheckpointError if it is missing or not a JSON object
 */
export function readObject(metadata: Metadata, key: string): Record<string, unknown> {
  const text = metadata.get(key);
  if (text === undefined) throw new CheckpointError([...METADATA, key], "a JSON object", "none");
  const value = parse(text, [...METADATA, key]);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CheckpointError([...METADATA, key], "a JSON object", quote(text));
  return value as Record<string, unknown>;
}

/** A metadata value in a message. */
export const shown = (value: unknown): string => (value === undefined ? "none" : show(value));

/** Runs one of the library's checks, and reports its error as the file's. */
function checked<Result>(where: string[], check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof LstmError)) throw error;
    if (error instanceof OptionError)
      throw new CheckpointError([...where, error.option], error.expected, show(error.received));
    throw new CheckpointError(where, "valid contents", error.message);
  }
}

function parse(text: string, where: string[], longest?: number): unknown {
  try {
    return parseJson(text, longest);
  } catch (error) {
    throw new CheckpointError(where, (error as Error).message, quote(text));
  }
}
