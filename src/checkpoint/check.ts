import { BACKENDS } from "../kernels/kernels.js";
import { shapeOf } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { type ParameterTable, planParameters } from "../network/parameters.js";
import { CheckpointError } from "./checkpoint-error.js";
import { areInt8, checkParameters, checkShapes, type TensorReader, vocabularySizeOf } from "./parameters.js";
import type { OpenSafeTensors } from "./safetensors/safetensors.js";
import { METADATA, readConfig, shown, TRAINING } from "./settings.js";
import type { RunSettings } from "./training.js";

// A checkpoint is a safetensors file:
//
//   lstm.*, linear.*, embedding.*   the parameters, with PyTorch's names, shapes and gate order
//   training.*                      what resuming a run needs: moments, carried state, losses, last parameters
//   metadata                        format, backend, model, vocabulary (custom_vocabulary, if it is not of a class of the
//                                   library), training; the library's other strings as library.*, the user's as user.*
//
// Nothing in it depends on the clock, so the same run writes the same bytes.

export const FORMAT = "lstm-wasm 2";
export const USER = "user.";
export const LIBRARY = "library.";

/** What checks the parts that only some files have. `load` fetches it for those. */
export interface PartReaders {
  /** For a file that {@link hasTraining}. */
  readonly checkTraining?: typeof import("./training.js").checkTraining | undefined;
  /** For a file of another program. */
  readonly inferSizes?: typeof import("./foreign.js").inferSizes | undefined;
}

/**
 * Validates a file, both before it is written and when it is read. Everything that later code relies on is checked
 * here, in an order that never allocates much more than the size of the file.
 *
 * @param checkVocabulary receives the number of entries that fit the tensors' shapes
 * @param parts what checks what only some files have
 */
export function* check(
  { tensors, metadata }: Pick<OpenSafeTensors, "tensors" | "metadata">,
  checkVocabulary: (config: ModelConfig, entries: number) => void,
  { checkTraining, inferSizes }: PartReaders,
): TensorReader<{ config: ModelConfig; table: ParameterTable; run: RunSettings | undefined }> {
  const refuse = (key: string, expected: string): never => {
    throw new CheckpointError([...METADATA, key], expected, shown(metadata.get(key)));
  };
  const own = isOwn(metadata);
  if (own && metadata.get("format") !== FORMAT) refuse("format", `"${FORMAT}", this version's`);
  if (own && !BACKENDS.some((backend) => backend === metadata.get("backend")))
    refuse("backend", `one of ${BACKENDS.join(", ")}`);
  const config = readConfig(metadata, tensors, inferSizes);
  const entries = config.inputSize > 0 ? 0 : (vocabularySizeOf(tensors) ?? 1);
  const table = planParameters(shapeOf(config, entries));
  checkShapes(table, tensors);
  if (own && metadata.has("training") && areInt8(table, tensors)) refuse("training", "none with int8 weights");
  checkVocabulary(config, entries);
  yield* checkParameters(table, tensors);
  return { config, table, run: checkTraining && (yield* checkTraining(tensors, metadata, config, table)) };
}

/**
 * Whether a file is of this library, in whichever version. Another program's file may have another "format", or a "model". A
 * file with both keys is ours.
 */
export const isOwn = (metadata: ReadonlyMap<string, string>): boolean =>
  metadata.get("format")?.startsWith("lstm-wasm") ?? ["model", "backend"].every((key) => metadata.has(key));

/** Whether a file of ours has the state of a run, or parts of one. */
export const hasTraining = ({ tensors, metadata }: Pick<OpenSafeTensors, "tensors" | "metadata">): boolean =>
  isOwn(metadata) && (metadata.has("training") || [...tensors.keys()].some((name) => name.startsWith(TRAINING)));
