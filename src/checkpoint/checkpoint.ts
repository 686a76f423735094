import { InputError } from "../common/errors.js";
import { boolean, choice, type OptionsOf, other, settle } from "../common/options.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { BACKENDS, type Backend } from "../kernels/kernels.js";
import { availableBackends, createKernels } from "../kernels/select.js";
import { checkVocabulary, Model, shapeOf } from "../model/model.js";
import { planParameters } from "../network/parameters.js";
import { type Snapshot, setTraining, trainingOf } from "../training/training-state.js";
import { CheckpointError } from "./checkpoint-error.js";
import { checkShapes, readParameters, writeParameters } from "./parameters.js";
import { read, type TensorData, write } from "./safetensors/safetensors.js";
import { readConfig, readVocabulary } from "./settings.js";
import { readTraining, writeTraining } from "./training.js";

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

/**
 * A checkpoint of a model, as the bytes of a safetensors file. Between two reports of a training run it holds the run as
 * it stands; where a part of the text is held out, the parameters are then those that have done best on it.
 */
export function save(model: Model, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
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
  if (model.input.kind === "categorical") metadata.set("vocabulary", JSON.stringify(model.vocabulary.toJSON()));
  for (const [key, value] of model.metadata) metadata.set(USER + key, value);
  if (training && snapshot.state) writeTraining(tensors, metadata, model, snapshot.state);
  return write(tensors, metadata);
}

/**
 * Makes a model of a checkpoint: of {@link save}, or of any safetensors file that holds `lstm.*` and `linear.*` as
 * PyTorch names them. The file is not trusted: whatever is wrong with it is found before memory is taken for it.
 *
 * @throws CheckpointError for a file that is damaged, is no checkpoint, or holds a number that is not finite
 * @throws BackendError, OutOfMemoryError as createModel does
 */
export async function load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Model> {
  const { backend: wanted, vocabulary: given } = settle(LOAD_OPTIONS, options);
  if (!(bytes instanceof Uint8Array) && !(bytes instanceof ArrayBuffer))
    throw new InputError("a checkpoint is loaded from its bytes: a Uint8Array or an ArrayBuffer");
  const { tensors, metadata } = read(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  const format = metadata.get("format");
  const own = format?.startsWith("lstm-wasm") ?? false;
  if (own && format !== FORMAT)
    throw new CheckpointError(
      ["header", "__metadata__", "format"],
      `"${FORMAT}", this version's`,
      JSON.stringify(format),
    );
  const config = readConfig(metadata, tensors, own);
  const vocabulary = readVocabulary(metadata, tensors, config, given);
  const table = planParameters(shapeOf(config, vocabulary?.size ?? 0));
  checkShapes(table, tensors);
  const parameters = readParameters(table, tensors);
  const run = own ? readTraining(tensors, metadata, config, table) : undefined;
  const backend = wanted === "saved" ? savedBackend(metadata) : wanted;
  const model = new Model(vocabulary, config, await createKernels(backend), parameters);
  if (run) {
    setTraining(model, run.state);
    model.random.state.set(run.random);
  }
  for (const [key, value] of metadata) if (key.startsWith(USER)) model.metadata.set(key.slice(USER.length), value);
  return model;
}

const savedBackend = (metadata: ReadonlyMap<string, string>): Backend | undefined =>
  availableBackends().find((backend) => backend === metadata.get("backend"));
