import { LstmError } from "../common/errors.js";
import { boolean, choice, type OptionsOf, other, settle } from "../common/options.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { isBuiltIn } from "../data/vocabulary-from.js";
import { BACKENDS, type Backend } from "../kernels/kernels.js";
import { availableBackends, createKernels } from "../kernels/select.js";
import { checkModel, checkVocabulary, Model, shapeOf } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import type { Int8Parameters } from "../network/int8.js";
import { type ParameterTable, planParameters } from "../network/parameters.js";
import { type Snapshot, setTraining, trainingOf, viewOf } from "../training/training-state.js";
import { CheckpointError } from "./checkpoint-error.js";
import {
  areInt8,
  checkParameters,
  checkShapes,
  readNow,
  scalesOf,
  type TensorReader,
  vocabularySizeOf,
  writeParameters,
} from "./parameters.js";
import { type Bytes, type BytesSource, toByteSource } from "./safetensors/bytes.js";
import {
  type OpenSafeTensors,
  open,
  type SafeTensors,
  type TensorData,
  write,
  writePieces,
} from "./safetensors/safetensors.js";
import { CUSTOM_VOCABULARY, METADATA, readConfig, readVocabulary, shown } from "./settings.js";
import { checkTraining, type RunSettings, readTraining, writeTraining } from "./training.js";

// A checkpoint is a safetensors file:
//
//   lstm.*, linear.*, embedding.*   the parameters, with PyTorch's names, shapes and gate order
//   training.*                      what resuming a run needs: moments, carried state, losses, last parameters
//   metadata                        format, backend, model, vocabulary (custom_vocabulary, if it is not of a class of the
//                                   library), training; the library's other strings as library.*, the user's as user.*
//
// Nothing in it depends on the clock, so the same run writes the same bytes.

const FORMAT = "lstm-wasm 2";
const USER = "user.";
const LIBRARY = "library.";

const SAVE_OPTIONS = {
  /** Includes the training state, from which the run can be resumed. */
  training: boolean({ default: true }),
};

const LOAD_OPTIONS = {
  /**
   * Kernels to compute with. `auto` takes the fastest available. `saved` takes those that wrote the file, with which a
   * resumed run gives the same bits; if they are unavailable or unknown, it is `auto`.
   */
  backend: choice(["auto", "saved", ...BACKENDS], { default: "auto" }),
  /** Vocabulary for a file without one, such as PyTorch writes, or with a custom one: the same as when it was saved. */
  vocabulary: other<Vocabulary | undefined>(checkVocabulary),
};

/** Options of {@link save}. */
export interface SaveOptions extends OptionsOf<typeof SAVE_OPTIONS> {}

/** Options of {@link load}. */
export interface LoadOptions extends OptionsOf<typeof LOAD_OPTIONS> {}

/** What {@link load} reads: all bytes at once or, of any size, some of them at a time. */
export type CheckpointSource = BytesSource;

/**
 * Serializes a model to the bytes of a safetensors file. Between two reports of a training run, this includes the run's
 * current state; with a validation split, the saved parameters are the best so far.
 *
 * @throws CheckpointError if {@link load} would reject the file, for example because a parameter is not finite
 * @throws OutOfMemoryError if the bytes do not fit into one array; {@link saveChunks} needs none
 */
export function save(model: Model, options: SaveOptions = {}): Bytes {
  const { tensors, metadata } = contentsOf(model, options);
  return write(tensors, metadata);
}

/**
 * The bytes of {@link save} in pieces no larger than a tensor, for files too large for memory. Everything is checked
 * before the first piece. Do not use the model until the last.
 *
 * @throws CheckpointError as {@link save} does
 * @throws LstmError between two pieces if the model was trained or its memory grew
 */
export function saveChunks(model: Model, options: SaveOptions = {}): Iterable<Bytes> {
  const { tensors, metadata } = contentsOf(model, options);
  return whileUnused(writePieces(tensors, metadata), model, standingOf(model));
}

/** A value that changes when the model is trained or its memory grows. */
function standingOf(model: Model): unknown[] {
  const run = trainingOf(model);
  return [run, run?.progress.step, model.engine.floats.buffer];
}

/** @throws LstmError between two pieces if the numbers are no longer those that were checked */
function* whileUnused<Piece>(pieces: Iterable<Piece>, model: Model, before: unknown[]): Generator<Piece, void, void> {
  for (const piece of pieces) {
    if (standingOf(model).some((value, i) => value !== before[i]))
      throw new LstmError("the model was used while it was being saved: leave it alone until the last piece");
    yield piece;
  }
}

/** The validated contents of a checkpoint. The numbers stay in the model until they are written. */
function contentsOf(model: Model, options: SaveOptions): SafeTensors {
  checkModel(model);
  const { training } = settle(SAVE_OPTIONS, options);
  const { engine, config } = model;
  const running = trainingOf(model);
  const snapshot: Partial<Snapshot> =
    running === undefined ? {} : "snapshot" in running ? running.snapshot() : { state: running };
  const parameters = snapshot.parameters ?? viewOf(engine, engine.parameters);
  const tensors = new Map<string, TensorData>(writeParameters(engine.table, parameters));
  if (model.int8) writeInt8(tensors, model, model.int8);
  const metadata = new Map([
    ["format", FORMAT],
    ["backend", model.backend],
    ["model", JSON.stringify(config)],
  ]);
  const vocabulary = model.reads === "tokens" ? model.vocabulary : undefined;
  const custom = vocabulary && !isBuiltIn(vocabulary) ? vocabulary : undefined;
  if (vocabulary) metadata.set(custom ? CUSTOM_VOCABULARY : "vocabulary", JSON.stringify(vocabulary.toJSON()));
  for (const [key, value] of model.attributes) metadata.set(LIBRARY + key, value);
  for (const [key, value] of model.metadata) metadata.set(USER + key, value);
  if (training && snapshot.state) writeTraining(tensors, metadata, model, snapshot.state);
  const checking = check({ tensors, metadata }, (config, entries) => {
    if (vocabulary && writable.has(vocabulary)) return;
    readVocabulary(metadata, entries, config, custom);
    if (vocabulary && !custom) writable.add(vocabulary);
  });
  readNow(checking, tensors);
  return { tensors, metadata };
}

/** Puts int8 weights and their scales in the place of weights. */
function writeInt8(tensors: Map<string, TensorData>, { engine }: Model, int8: Int8Parameters): void {
  for (const tensor of engine.table.tensors) {
    const found = int8.read(tensor, engine.floats.buffer, engine.parameters);
    if (!found) continue;
    const { name, shape } = tensor;
    tensors.set(name, { dtype: "I8", shape, data: found.weights });
    tensors.set(scalesOf(name), { dtype: "F32", shape: shape.slice(0, 1), data: found.scales });
  }
}

/** Vocabularies known to survive a round trip: checking a large one takes seconds. */
const writable = new WeakSet<Vocabulary>();

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
  let vocabulary: Vocabulary | undefined;
  const checking = check(file, (config, entries) => {
    vocabulary = readVocabulary(metadata, entries, config, given);
  });
  const { config, table, run } = await readFrom(file, checking);
  const backend = wanted === "saved" ? savedBackend(metadata) : wanted;
  const int8 = areInt8(table, tensors) ? await import("./int8.js") : undefined;
  const model = int8
    ? // All backends give the same bits: those that wrote the file are no better.
      await int8.createInt8Model(vocabulary, config, wanted === "saved" ? "auto" : wanted)
    : new Model(vocabulary, config, await createKernels(backend), { isInitialized: false });
  try {
    const { engine } = model;
    const parameters = int8
      ? int8.readInt8(model, tensors)
      : checkParameters(table, tensors, "", (tensor, values) => engine.writeParameter(tensor, values));
    await readFrom(file, parameters);
    if (run) {
      const { state, random } = await readFrom(file, readTraining(tensors, config, table, run));
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
  await readFrom(
    file,
    check(file, (config, entries) => readVocabulary(file.metadata, entries, config, options.vocabulary)),
  );
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
  while (!step.done) step = reader.next(await file.tensor(step.value));
  return step.value;
}

/**
 * Validates a file, both before it is written and when it is read. Everything that later code relies on is checked
 * here, in an order that never allocates much more than the size of the file.
 *
 * @param checkVocabulary receives the number of entries that fit the tensors' shapes
 */
function* check(
  { tensors, metadata }: Pick<OpenSafeTensors, "tensors" | "metadata">,
  checkVocabulary: (config: ModelConfig, entries: number) => void,
): TensorReader<{ config: ModelConfig; table: ParameterTable; run: RunSettings | undefined }> {
  const refuse = (key: string, expected: string): never => {
    throw new CheckpointError([...METADATA, key], expected, shown(metadata.get(key)));
  };
  const own = isOwn(metadata);
  if (own && metadata.get("format") !== FORMAT) refuse("format", `"${FORMAT}", this version's`);
  if (own && !BACKENDS.some((backend) => backend === metadata.get("backend")))
    refuse("backend", `one of ${BACKENDS.join(", ")}`);
  const config = readConfig(metadata, tensors, own);
  const entries = config.inputSize > 0 ? 0 : (vocabularySizeOf(tensors) ?? 1);
  const table = planParameters(shapeOf(config, entries));
  checkShapes(table, tensors);
  if (own && metadata.has("training") && areInt8(table, tensors)) refuse("training", "none with int8 weights");
  checkVocabulary(config, entries);
  yield* checkParameters(table, tensors);
  return { config, table, run: own ? yield* checkTraining(tensors, metadata, config, table) : undefined };
}

/**
 * Whether a file is of this library, in whichever version. Another program's file may have another "format", or a "model". A
 * file with both keys is ours.
 */
export const isOwn = (metadata: ReadonlyMap<string, string>): boolean =>
  metadata.get("format")?.startsWith("lstm-wasm") ?? ["model", "backend"].every((key) => metadata.has(key));

const savedBackend = (metadata: ReadonlyMap<string, string>): Backend | undefined =>
  availableBackends().find((backend) => backend === metadata.get("backend"));
