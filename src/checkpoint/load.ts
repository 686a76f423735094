import { choice, type OptionsOf, other, settle } from "../common/options.js";
import { CharacterVocabulary, type Vocabulary } from "../data/vocabulary.js";
import { createForwardKernels } from "../kernels/forward.js";
import { BACKENDS, type Backend } from "../kernels/kernels.js";
import { availableBackends, createKernels } from "../kernels/select.js";
import { checkVocabulary, Model } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { setTraining } from "../training/training-state.js";
import { check, hasTraining, isOwn, LIBRARY, USER } from "./check.js";
import { areInt8, checkParameters, type TensorReader } from "./parameters.js";
import { type BytesSource, toByteSource } from "./safetensors/bytes.js";
import { isHalf } from "./safetensors/dtypes.js";
import { type OpenSafeTensors, open } from "./safetensors/safetensors.js";
import { readVocabulary } from "./settings.js";

const LOAD_OPTIONS = {
  /**
   * Kernels to compute with. `auto` takes the fastest available. `saved` takes those that wrote the file, with which a
   * resumed run gives the same bits; if they are unavailable or unknown, it is `auto`.
   */
  backend: choice(["auto", "saved", ...BACKENDS], { default: "auto" }),
  /** Vocabulary for a file without one, such as PyTorch writes, or with a custom one: the same as when it was saved. */
  vocabulary: other<Vocabulary | undefined>(checkVocabulary),
};

/** Options of {@link load}. */
export interface LoadOptions extends OptionsOf<typeof LOAD_OPTIONS> {}

/** What {@link load} reads: all bytes at once or, of any size, some of them at a time. */
export type CheckpointSource = BytesSource;

/**
 * Loads a model from a checkpoint: one from {@link save}, or any safetensors file with PyTorch's `lstm.*` and
 * `linear.*` tensors. The file is not trusted: it is validated before memory is allocated for it. A Blob or
 * {@link ByteSource} is read piece by piece: besides the model, only the header and one tensor are in memory.
 *
 * @throws CheckpointError for a file that is damaged, not a checkpoint, or contains a number that is not finite
 * @throws BackendError, OutOfMemoryError as createModel
 */
export async function load(source: CheckpointSource, options: LoadOptions = {}): Promise<Model> {
  const { backend: wanted, vocabulary: given } = settle(LOAD_OPTIONS, options);
  const file = await openCheckpoint(source);
  const { tensors, metadata } = file;
  const { training, foreign, restore } = await readersOf(file);
  let vocabulary: Vocabulary | undefined;
  const readWords = (config: ModelConfig, entries: number) => {
    vocabulary = readVocabulary(metadata, entries, config, given, restore);
  };
  const { config, table, run } = await readFrom(file, check(file, readWords, { ...training, ...foreign }));
  const backend = wanted === "saved" ? savedBackend(metadata) : wanted;
  const int8 = areInt8(table, tensors) ? await import("./int8.js") : undefined;
  const model = int8
    ? // All backends give the same bits: those that wrote the file are no better.
      await int8.createInt8Model(vocabulary, config, table, wanted === "saved" ? "auto" : wanted)
    : new Model(vocabulary, config, await createKernels(backend, createForwardKernels));
  try {
    const { engine } = model;
    const parameters = int8
      ? int8.readInt8(model, tensors)
      : checkParameters(table, tensors, "", (tensor, values) => engine.writeParameter(tensor, values));
    await readFrom(file, parameters);
    if (training && run) {
      const { state, random } = await readFrom(file, training.readTraining(tensors, config, table, run));
      setTraining(model, state);
      model.random.state.set(random);
    }
  } catch (error) {
    model.free();
    throw error;
  }
  for (const [key, value] of metadata) {
    if (key.startsWith(LIBRARY)) model.attributes.set(key.slice(LIBRARY.length), value);
    if (key.startsWith(USER)) model.metadata.set(key.slice(USER.length), value);
  }
  return model;
}

/**
 * Validates a checkpoint without creating a model.
 *
 * @throws CheckpointError for a file that {@link load} would reject
 */
export async function validate(source: CheckpointSource, options: Pick<LoadOptions, "vocabulary"> = {}): Promise<void> {
  const file = await openCheckpoint(source);
  const { training, foreign, restore } = await readersOf(file);
  const readWords = (config: ModelConfig, entries: number) =>
    readVocabulary(file.metadata, entries, config, options.vocabulary, restore);
  await readFrom(file, check(file, readWords, { ...training, ...foreign }));
}

/** What reads the parts that not every file has: the state of a run, words, the tensors of another program. */
async function readersOf(file: OpenSafeTensors) {
  const isOfCharacters = file.metadata.get("vocabulary")?.startsWith("[") ?? true;
  return {
    foreign: isOwn(file.metadata) ? undefined : await import("./foreign.js"),
    training: hasTraining(file) ? await import("./read-training.js") : undefined,
    restore: isOfCharacters
      ? (description: unknown) => new CharacterVocabulary(description as string[])
      : (await import("./read-words.js")).vocabularyFrom,
  };
}

/**
 * A checkpoint's header, and its tensors on demand.
 *
 * @throws CheckpointError if it is not a safetensors file
 * @throws InputError if it is not a source of bytes
 */
export async function openCheckpoint(source: CheckpointSource): Promise<OpenSafeTensors> {
  return open(toByteSource(source));
}

/** Passes the tensors of a file to a reader. */
async function readFrom<Result>(file: OpenSafeTensors, reader: TensorReader<Result>): Promise<Result> {
  let step = reader.next();
  while (!step.done) {
    const tensor = await file.tensor(step.value);
    step = reader.next(isHalf(tensor) ? (await import("./safetensors/half.js")).widened(tensor) : tensor);
  }
  return step.value;
}

const savedBackend = (metadata: ReadonlyMap<string, string>): Backend | undefined =>
  availableBackends().find((backend) => backend === metadata.get("backend"));
