import { InputError, LstmError } from "../common/errors.js";
import { boolean, choice, type OptionsOf, other, settle } from "../common/options.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { BACKENDS, type Backend } from "../kernels/kernels.js";
import { availableBackends, createKernels } from "../kernels/select.js";
import { checkVocabulary, Model, shapeOf } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { type ParameterTable, planParameters } from "../network/parameters.js";
import { writeTensor } from "../network/tensors.js";
import { type Snapshot, setTraining, trainingOf } from "../training/training-state.js";
import { CheckpointError } from "./checkpoint-error.js";
import {
  checkParameters,
  checkShapes,
  readNow,
  type TensorReader,
  vocabularySizeOf,
  writeParameters,
} from "./parameters.js";
import {
  type ByteSource,
  type OpenSafeTensors,
  read,
  type SafeTensors,
  type TensorData,
  write,
  writePieces,
} from "./safetensors/safetensors.js";
import { METADATA, readConfig, readVocabulary, shown } from "./settings.js";
import { checkTraining, type RunSettings, readTraining, writeTraining } from "./training.js";

// A checkpoint is a safetensors file:
//
//   lstm.*, linear.*, embedding.*   the parameters, with PyTorch's names, shapes and gate order
//   training.*                      what a run needs to go on: moments, carried state, losses, the last parameters
//   metadata                        format, backend, model, vocabulary, training, and the user's own texts as user.*
//
// Nothing in it depends on the clock, so the same run writes the same bytes.

const FORMAT = "lstm-wasm 1";
const USER = "user.";

const SAVE_OPTIONS = {
  /** Whether to keep what the training run needs to be resumed. */
  training: boolean({ default: true }),
};

const LOAD_OPTIONS = {
  /**
   * Kernels to compute with. Default auto: the fastest that run here. `saved` takes those that made the file, with which a
   * resumed run gives the same bits; where they do not run here, or the file does not say, it is `auto`.
   */
  backend: choice(["auto", "saved", ...BACKENDS], { default: "auto" }),
  /** Vocabulary for a file that has none, such as PyTorch writes. */
  vocabulary: other<Vocabulary | undefined>(checkVocabulary),
};

/** What {@link save} writes. */
export interface SaveOptions extends OptionsOf<typeof SAVE_OPTIONS> {}

/** What {@link load} takes besides the file. */
export interface LoadOptions extends OptionsOf<typeof LOAD_OPTIONS> {}

/** What {@link load} reads: all bytes at once or, of any size, some of them at a time. */
export type CheckpointSource = Uint8Array | ArrayBuffer | Blob | ByteSource;

/**
 * A checkpoint of a model, as the bytes of a safetensors file. Between two reports of a training run it holds the run as
 * it stands; where a part of the text is held out, the parameters are then those that have done best on it.
 *
 * @throws CheckpointError where {@link load} would refuse the file, for example for a parameter that is not a finite number
 * @throws OutOfMemoryError where there is no room for the bytes at once, as for {@link saveChunks} there may be
 */
export function save(model: Model, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = contentsOf(model, options);
  return write(tensors, metadata);
}

/**
 * The bytes of {@link save} piece by piece, none larger than a tensor: for a file that is larger than memory has room for.
 * Everything is checked before the first piece. The model has to be left alone until the last.
 *
 * @throws CheckpointError as {@link save} does
 * @throws LstmError between two pieces, where the model was trained, or its memory grew
 */
export function saveChunks(model: Model, options: SaveOptions = {}): Iterable<Uint8Array<ArrayBuffer>> {
  const { tensors, metadata } = contentsOf(model, options);
  return whileUnused(writePieces(tensors, metadata), model, standingOf(model));
}

/** What changes when a model is trained on, or its memory grows. */
function standingOf(model: Model): unknown[] {
  const run = trainingOf(model);
  return [run, run?.progress.step, model.engine.floats.buffer];
}

/** @throws LstmError between two pieces, where the numbers are no more those that were checked */
function* whileUnused<Piece>(pieces: Iterable<Piece>, model: Model, before: unknown[]): Generator<Piece, void, void> {
  for (const piece of pieces) {
    if (standingOf(model).some((value, i) => value !== before[i]))
      throw new LstmError("the model was used while it was being saved: leave it alone until the last piece");
    yield piece;
  }
}

/** What a checkpoint holds, when it has been found to be valid. The numbers stay in the model until they are wanted. */
function contentsOf(model: Model, options: SaveOptions): SafeTensors {
  const { training } = settle(SAVE_OPTIONS, options);
  const { engine, config } = model;
  const running = trainingOf(model);
  const snapshot: Partial<Snapshot> =
    running === undefined ? {} : "snapshot" in running ? running.snapshot() : { state: running };
  const parameters = snapshot.parameters ?? engine.view(engine.parameters);
  const tensors = new Map<string, TensorData>(writeParameters(engine.table, parameters));
  const metadata = new Map([
    ["format", FORMAT],
    ["backend", model.backend],
    ["model", JSON.stringify(config)],
  ]);
  if (model.input.kind === "categorical") metadata.set("vocabulary", JSON.stringify(model.vocabulary.toJSON()));
  for (const [key, value] of model.metadata) metadata.set(USER + key, value);
  if (training && snapshot.state) writeTraining(tensors, metadata, model, snapshot.state);
  const checking = check({ tensors, metadata }, (config, entries) => {
    if (model.input.kind === "categorical" && writable.has(model.vocabulary)) return;
    readVocabulary(metadata, entries, config, undefined);
    if (model.input.kind === "categorical") writable.add(model.vocabulary);
  });
  readNow(checking, tensors);
  return { tensors, metadata };
}

/** Vocabularies that have been found to come back as they are: a large one takes seconds to make. */
const writable = new WeakSet<Vocabulary>();

/**
 * Makes a model of a checkpoint: of {@link save}, or of any safetensors file that holds `lstm.*` and `linear.*` as
 * PyTorch names them. The file is not trusted: whatever is wrong with it is found before memory is taken for it. Of a Blob,
 * or of a source that gives some bytes at a time, no more than the header and one tensor is held beside the model.
 *
 * @throws CheckpointError for a file that is damaged, is no checkpoint, or holds a number that is not finite
 * @throws BackendError, OutOfMemoryError as createModel does
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
  const model = new Model(vocabulary, config, await createKernels(backend), { isInitialized: false });
  try {
    const { engine } = model;
    const parameters = checkParameters(table, tensors, "", (tensor, values) =>
      writeTensor(tensor, values, engine.floats, engine.parameters / 4),
    );
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
  for (const [key, value] of metadata) if (key.startsWith(USER)) model.metadata.set(key.slice(USER.length), value);
  return model;
}

/**
 * Makes sure of a file without making a model of it.
 *
 * @throws CheckpointError for one that {@link load} would refuse
 */
export async function validate(source: CheckpointSource, options: Pick<LoadOptions, "vocabulary"> = {}): Promise<void> {
  const file = await openCheckpoint(source);
  await readFrom(
    file,
    check(file, (config, entries) => readVocabulary(file.metadata, entries, config, options.vocabulary)),
  );
}

/**
 * A checkpoint's header, and its tensors when they are asked for.
 *
 * @throws CheckpointError where it is no safetensors file
 * @throws InputError where it is nothing that can be read
 */
export async function openCheckpoint(source: CheckpointSource): Promise<OpenSafeTensors> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const file = read(source instanceof Uint8Array ? source : new Uint8Array(source));
    return { ...file, tensor: (name) => file.tensors.get(name)! };
  }
  if (!(source instanceof Blob) && typeof source?.read !== "function")
    throw new InputError("a checkpoint is loaded from a Uint8Array, an ArrayBuffer, a Blob, or { size, read }");
  // Few have files of that size: bundlers keep this apart.
  const { open } = await import("./safetensors/open.js");
  return open(source);
}

/** Has a reader look at the tensors of a file. */
async function readFrom<Result>(file: OpenSafeTensors, reader: TensorReader<Result>): Promise<Result> {
  let step = reader.next();
  while (!step.done) {
    const tensor = file.tensor(step.value);
    step = reader.next(tensor instanceof Promise ? await tensor : tensor);
  }
  return step.value;
}

/**
 * What is valid, for the one that writes and the one that reads. Whatever is taken for granted later is found here, in an
 * order in which nothing is made that is not about as large as the file.
 *
 * @param checkVocabulary is told how many entries the tensors have room for
 */
function* check(
  { tensors, metadata }: Pick<OpenSafeTensors, "tensors" | "metadata">,
  checkVocabulary: (config: ModelConfig, entries: number) => void,
): TensorReader<{ config: ModelConfig; table: ParameterTable; run: RunSettings | undefined }> {
  const refuse = (key: string, expected: string): never => {
    throw new CheckpointError([...METADATA, key], expected, shown(metadata.get(key)));
  };
  const format = metadata.get("format");
  // A file of another program may say something else there, and may have a "model". What has both is ours.
  const own = format?.startsWith("lstm-wasm") ?? ["model", "backend"].every((key) => metadata.has(key));
  if (own && format !== FORMAT) refuse("format", `"${FORMAT}", this version's`);
  if (own && !BACKENDS.some((backend) => backend === metadata.get("backend")))
    refuse("backend", `one of ${BACKENDS.join(", ")}`);
  const config = readConfig(metadata, tensors, own);
  const entries = config.inputSize > 0 ? 0 : (vocabularySizeOf(tensors) ?? 1);
  const table = planParameters(shapeOf(config, entries));
  checkShapes(table, tensors);
  checkVocabulary(config, entries);
  yield* checkParameters(table, tensors);
  return { config, table, run: own ? yield* checkTraining(tensors, metadata, config, table) : undefined };
}

const savedBackend = (metadata: ReadonlyMap<string, string>): Backend | undefined =>
  availableBackends().find((backend) => backend === metadata.get("backend"));
