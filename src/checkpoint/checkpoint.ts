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
//   training.*                      what a run needs to go on: moments, carried state, losses, the last parameters
//   metadata                        format, backend, model, vocabulary (or custom_vocabulary, of a class that is not
//                                   ours), training, and the user's own texts as user.*
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
  /**
   * Vocabulary for a file that has none, such as PyTorch writes, or the one of the user's own that the file was saved with.
   */
  vocabulary: other<Vocabulary | undefined>(checkVocabulary),
};

/** What {@link save} writes. */
export interface SaveOptions extends OptionsOf<typeof SAVE_OPTIONS> {}

/** What {@link load} takes besides the file. */
export interface LoadOptions extends OptionsOf<typeof LOAD_OPTIONS> {}

/** `Uint8Array<ArrayBuffer>`, or `Uint8Array` for a TypeScript before 5.7, which knows no other. */
export type Bytes = ReturnType<Uint8ArrayConstructor["of"]>;

/**
 * A checkpoint of a model, as the bytes of a safetensors file. Between two reports of a training run it holds the run as
 * it stands; where a part of the text is held out, the parameters are then those that have done best on it.
 *
 * @throws CheckpointError where {@link load} would refuse the file, for example for a parameter that is not a finite number
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
  for (const [key, value] of model.metadata) metadata.set(USER + key, value);
  if (training && snapshot.state) writeTraining(tensors, metadata, model, snapshot.state);
  check({ tensors, metadata }, (config, entries) => {
    if (vocabulary && writable.has(vocabulary)) return;
    readVocabulary(metadata, entries, config, custom);
    if (vocabulary && !custom) writable.add(vocabulary);
  });
  return write(tensors, metadata);
}

/** Vocabularies that have been found to come back as they are: a large one takes seconds to make. */
const writable = new WeakSet<Vocabulary>();

/**
 * Makes a model of a checkpoint: of {@link save}, or of any safetensors file that holds `lstm.*` and `linear.*` as
 * PyTorch names them. The file is not trusted: whatever is wrong with it is found before memory is taken for it.
 *
 * @throws CheckpointError for a file that is damaged, is no checkpoint, or holds a number that is not finite
 * @throws BackendError, OutOfMemoryError as createModel does
 */
export async function load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Model> {
  const { backend: wanted, vocabulary: given } = settle(LOAD_OPTIONS, options);
  const isBuffer = isA(bytes, "ArrayBuffer");
  if (!isBuffer && !isA(bytes, "Uint8Array"))
    throw new InputError("a checkpoint is loaded from its bytes: a Uint8Array or an ArrayBuffer");
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
  for (const [key, value] of metadata) if (key.startsWith(USER)) model.metadata.set(key.slice(USER.length), value);
  return model;
}

/**
 * Makes sure of a file without making a model of it.
 *
 * @throws CheckpointError for one that {@link load} would refuse
 */
export function validate(bytes: Uint8Array, options: Pick<LoadOptions, "vocabulary"> = {}): void {
  const file = read(bytes);
  check(file, (config, entries) => readVocabulary(file.metadata, entries, config, options.vocabulary));
}

/**
 * What is valid, for the one that writes and the one that reads. Whatever is taken for granted later is found here, in an
 * order in which nothing is made that is not about as large as the file.
 *
 * @param checkVocabulary is told how many entries the tensors have room for
 */
function check(
  { tensors, metadata }: SafeTensors,
  checkVocabulary: (config: ModelConfig, entries: number) => void,
): { config: ModelConfig; table: ParameterTable; run: RunSettings | undefined } {
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
  checkParameters(table, tensors);
  return { config, table, run: own ? checkTraining(tensors, metadata, config, table) : undefined };
}

const savedBackend = (metadata: ReadonlyMap<string, string>): Backend | undefined =>
  availableBackends().find((backend) => backend === metadata.get("backend"));
