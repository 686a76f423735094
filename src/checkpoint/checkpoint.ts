import { InputError } from "../common/errors.js";
import { boolean, choice, type OptionsOf, other, settle } from "../common/options.js";
import { isA } from "../common/realms.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { isBuiltIn } from "../data/vocabulary-from.js";
import { BACKENDS, type Backend } from "../kernels/kernels.js";
import { availableBackends, createKernels } from "../kernels/select.js";
import { checkVocabulary, Model, shapeOf } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { type ParameterTable, planParameters } from "../network/parameters.js";
import { type Snapshot, setTraining, trainingOf } from "../training/training-state.js";
import { CheckpointError } from "./checkpoint-error.js";
import { checkParameters, checkShapes, readParameters, vocabularySizeOf, writeParameters } from "./parameters.js";
import { read, type SafeTensors, type TensorData, write } from "./safetensors/safetensors.js";
import { CUSTOM_VOCABULARY, METADATA, readConfig, readVocabulary, shown } from "./settings.js";
import { checkTraining, type RunSettings, readTraining, writeTraining } from "./training.js";

// A checkpoint is a safetensors file:
//
//   lstm.*, linear.*, embedding.*   the parameters, with PyTorch's names, shapes and gate order
//   training.*                      what resuming a run takes: moments, carried state, losses, last parameters
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

/** `Uint8Array<ArrayBuffer>`, or `Uint8Array` for a TypeScript before 5.7, which knows no other. */
export type Bytes = ReturnType<Uint8ArrayConstructor["of"]>;

/**
 * Serialises a model to the bytes of a safetensors file. Between two reports of a training run, this includes the run's
 * current state; with a validation split, the saved parameters are the best so far.
 *
 * @throws CheckpointError if {@link load} would reject the file, for example because a parameter is not finite
 */
export function save(model: Model, options: SaveOptions = {}): Bytes {
  const { training } = settle(SAVE_OPTIONS, options);
  const { engine, config } = model;
  const running = trainingOf(model);
  const snapshot: Partial<Snapshot> =
    running === undefined ? {} : "snapshot" in running ? running.snapshot() : { state: running };
  const parameters = snapshot.parameters ?? engine.parameterValues();
  const tensors = new Map<string, TensorData>(writeParameters(engine.table, parameters));
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
  check({ tensors, metadata }, (config, entries) => {
    if (vocabulary && writable.has(vocabulary)) return;
    readVocabulary(metadata, entries, config, custom);
    if (vocabulary && !custom) writable.add(vocabulary);
  });
  return write(tensors, metadata);
}

/** Vocabularies known to survive a round trip: checking a large one takes seconds. */
const writable = new WeakSet<Vocabulary>();

/**
 * Loads a model from a checkpoint: one from {@link save}, or any safetensors file with PyTorch's `lstm.*` and
 * `linear.*` tensors. The file is not trusted: it is validated before memory is allocated for it.
 *
 * @throws CheckpointError for a file that is damaged, not a checkpoint, or contains a number that is not finite
 * @throws BackendError, OutOfMemoryError as createModel
 */
export async function load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Model> {
  const { backend: wanted, vocabulary: given } = settle(LOAD_OPTIONS, options);
  const isBuffer = isA(bytes, "ArrayBuffer");
  if (!isBuffer && !isA(bytes, "Uint8Array"))
    throw new InputError("expected the bytes of a checkpoint, a Uint8Array or an ArrayBuffer");
  const file = read(isBuffer ? new Uint8Array(bytes as ArrayBuffer) : (bytes as Uint8Array));
  const { tensors, metadata } = file;
  let vocabulary: Vocabulary | undefined;
  const { config, table, run } = check(file, (config, entries) => {
    vocabulary = readVocabulary(metadata, entries, config, given);
  });
  const backend = wanted === "saved" ? savedBackend(metadata) : wanted;
  const model = new Model(vocabulary, config, await createKernels(backend), readParameters(table, tensors));
  if (run) {
    const { state, random } = readTraining(tensors, config, table, run);
    setTraining(model, state);
    model.random.state.set(random);
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
export function validate(bytes: Uint8Array, options: Pick<LoadOptions, "vocabulary"> = {}): void {
  const file = read(bytes);
  check(file, (config, entries) => readVocabulary(file.metadata, entries, config, options.vocabulary));
}

/**
 * Validates a file, both before it is written and when it is read. Everything that later code relies on is checked
 * here, in an order that never allocates much more than the size of the file.
 *
 * @param checkVocabulary receives the number of entries that fit the tensors' shapes
 */
function check(
  { tensors, metadata }: SafeTensors,
  checkVocabulary: (config: ModelConfig, entries: number) => void,
): { config: ModelConfig; table: ParameterTable; run: RunSettings | undefined } {
  const refuse = (key: string, expected: string): never => {
    throw new CheckpointError([...METADATA, key], expected, shown(metadata.get(key)));
  };
  const format = metadata.get("format");
  // Another program's file may have another "format", or a "model". A file with both keys is ours.
  const own = format?.startsWith("lstm-wasm") ?? ["model", "backend"].every((key) => metadata.has(key));
  if (own && format !== FORMAT) refuse("format", `"${FORMAT}", this version's`);
  if (own && !BACKENDS.some((backend) => backend === metadata.get("backend")))
    refuse("backend", `one of ${BACKENDS.join(", ")}`);
  const config = readConfig(metadata, tensors, own);
  const entries = config.inputSize > 0 ? 0 : (vocabularySizeOf(tensors) ?? 1);
  const table = planParameters(shapeOf(config, entries));
  checkShapes(table, tensors);
  checkVocabulary(config, entries);
  checkParameters(table, tensors);
  return { config, table, run: own ? checkTraining(tensors, metadata, config, table) : undefined };
}

const savedBackend = (metadata: ReadonlyMap<string, string>): Backend | undefined =>
  availableBackends().find((backend) => backend === metadata.get("backend"));
