import { type ModelConfig, type ModelOptions, resolveModel } from "../config.js";
import { Vocabulary } from "../data/vocabulary.js";
import { LstmError } from "../errors.js";
import type { NetworkShape } from "../layout.js";
import { FormatError, quote } from "./format-error.js";

type Metadata = ReadonlyMap<string, string>;

/**
 * The model's configuration, which must fit the tensors; for a file without one, what the tensors tell.
 *
 * @throws FormatError for one that is none
 */
export function readConfig(metadata: Metadata, inferred: Required<NetworkShape>): ModelConfig {
  const { hiddenSize, layers, embeddingSize } = inferred;
  const options = readObject(metadata, "model") ?? { hiddenSize, layers, embeddingSize };
  const config = checked(["header", "__metadata__", "model"], () => resolveModel(options as ModelOptions));
  for (const name of ["hiddenSize", "layers", "embeddingSize"] as const)
    if (config[name] !== inferred[name])
      throw new FormatError(
        ["header", "__metadata__", "model", name],
        `${inferred[name]}, as the tensors have it`,
        config[name],
      );
  return config;
}

/**
 * The vocabulary of the file, or the one given.
 *
 * @throws FormatError where there is none, both differ, or its size is not that of the tensors
 */
export function readVocabulary(metadata: Metadata, size: number, given: Vocabulary | undefined): Vocabulary {
  const stored = metadata.get("vocabulary");
  const where = ["header", "__metadata__", "vocabulary"];
  if (stored === undefined && !given)
    throw new FormatError(where, "a JSON array of characters, or the option vocabulary", "neither");
  const tokens = stored === undefined ? given!.tokens : parse(stored, where);
  if (!Array.isArray(tokens)) throw new FormatError(where, "an array", quote(stored!));
  if (tokens.length !== size) throw new FormatError(where, `${size} entries, as the tensors have it`, tokens.length);
  if (given && tokens.some((token, i) => token !== given.tokens[i]))
    throw new FormatError(where, "the vocabulary that was given", "another");
  return checked(where, () => new Vocabulary(tokens));
}

/**
 * The JSON object behind a key; undefined where there is no such key.
 *
 * @throws FormatError where it is no JSON object
 */
export function readObject(metadata: Metadata, key: string): Record<string, unknown> | undefined {
  const text = metadata.get(key);
  if (text === undefined) return undefined;
  const value = parse(text, ["header", "__metadata__", key]);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FormatError(["header", "__metadata__", key], "a JSON object", quote(text));
  return value as Record<string, unknown>;
}

/** Runs a check of the library's own; what it finds wrong is the file's fault. */
export function checked<Result>(where: string[], check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof LstmError)) throw error;
    throw new FormatError(where, "what the library writes", error.message);
  }
}

function parse(text: string, where: string[]): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FormatError(where, "JSON", quote(text));
  }
}
