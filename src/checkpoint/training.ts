import type { State } from "../engine/engine.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { STATES } from "../network/lstm-layer.js";
import type { ParameterTable } from "../network/parameters.js";
import { optimizerOf } from "../optim/optimizers.js";
import { settleTraining, type TrainConfig, type TrainOptions } from "../training/options.js";
import type { Progress, TrainingState } from "../training/training-state.js";
import { CheckpointError } from "./checkpoint-error.js";
import { readParameters, values32, writeParameters } from "./parameters.js";
import type { TensorData } from "./safetensors/safetensors.js";
import { checked, readObject } from "./settings.js";

type Metadata = ReadonlyMap<string, string>;
type Tensors = ReadonlyMap<string, TensorData>;

const LAST = "training.last.";
const SLOT = "training.";
const CARRIED = STATES.map((name) => `training.carried.${name}`);
const TRAIN_LOSSES = "training.train_losses";
const VALIDATION_LOSSES = "training.validation_losses";
/** The generator's four words, as signed integers: older versions of PyTorch have no unsigned ones. */
const RANDOM = "training.random";

/** The plain numbers of {@link Progress}: those that count something, and those that are sums or norms. */
const COUNTS = ["epoch", "step", "tokens", "cursor", "epochPredictions", "epochKey"] as const;
const SUMS = ["epochLoss", "gradientNorm"] as const;

/** Adds a run's state to a checkpoint. */
export function writeTraining(
  tensors: Map<string, TensorData>,
  metadata: Map<string, string>,
  { engine, config, random }: Model,
  { config: training, progress, fingerprint, carried, optimizerState, last }: TrainingState,
): void {
  const { trainLosses, validationLosses } = progress;
  const numbers = Object.fromEntries([...COUNTS, ...SUMS].map((name) => [name, progress[name]]));
  metadata.set("training", JSON.stringify({ config: training, progress: numbers, fingerprint }));
  const add = (entries: Iterable<[string, TensorData]>) => {
    for (const [name, tensor] of entries) tensors.set(name, tensor);
  };
  if (last) add(writeParameters(engine.table, last, LAST));
  for (const [name, run] of optimizerState) add(writeParameters(engine.table, run, `${SLOT}${name}.`));
  const shape = [config.layers, training.batchSize, config.hiddenSize];
  CARRIED.forEach((name, part) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b));
    eachCarried(config, training.batchSize, part, (place, i) => {
      data[i] = carried[place]!;
    });
    tensors.set(name, { dtype: "F32", shape, data });
  });
  const losses = (values: number[]): TensorData => ({
    dtype: "F64",
    shape: [values.length],
    data: Float64Array.from(values),
  });
  tensors.set(TRAIN_LOSSES, losses(trainLosses));
  tensors.set(VALIDATION_LOSSES, losses(validationLosses));
  tensors.set(RANDOM, { dtype: "I32", shape: [4], data: Int32Array.from(random.state) });
}

/**
 * A run's state out of a checkpoint, with the state of the generator; undefined where the file holds none.
 *
 * @throws CheckpointError for one that does not fit together
 */
export function readTraining(
  tensors: Tensors,
  metadata: Metadata,
  model: ModelConfig,
  table: ParameterTable,
): { state: TrainingState; random: Uint32Array } | undefined {
  const stored = readObject(metadata, "training");
  if (!stored) return undefined;
  const where = ["header", "__metadata__", "training"];
  const config = checked([...where, "config"], () => settleTraining((stored["config"] ?? {}) as TrainOptions));
  if (config.gradientShards === 0)
    throw new CheckpointError([...where, "config", "gradientShards"], "a number of shards", 0);
  const { fingerprint } = stored;
  if (typeof fingerprint !== "string" || !/^[0-9a-f]{16}$/.test(fingerprint))
    throw new CheckpointError(
      [...where, "fingerprint"],
      "16 hexadecimal digits",
      JSON.stringify(fingerprint) ?? "none",
    );
  const state: TrainingState = {
    config,
    fingerprint,
    progress: readProgress(stored["progress"], tensors),
    carried: readCarried(tensors, model, config),
    optimizerState: new Map(
      optimizerOf(config)
        .stateNames(config)
        .map((name) => [name, readParameters(table, tensors, `${SLOT}${name}.`)]),
    ),
    last: tensors.has(`${LAST}linear.weight`) ? readParameters(table, tensors, LAST) : undefined,
  };
  const random = tensors.get(RANDOM);
  if (random?.dtype !== "I32" || random.shape.join() !== "4" || random.data.every((word) => word === 0))
    throw new CheckpointError(["header", RANDOM], "I32 of shape [4], not all 0", random ? random.dtype : "none");
  return { state, random: Uint32Array.from(random.data) };
}

function readProgress(stored: unknown, tensors: Tensors): Progress {
  const where = ["header", "__metadata__", "training", "progress"];
  const numbers = (typeof stored === "object" && stored !== null ? stored : {}) as Record<string, unknown>;
  const progress: Partial<Progress> = {};
  for (const name of COUNTS) {
    const value = numbers[name];
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw new CheckpointError([...where, name], "a whole number", JSON.stringify(value) ?? "none");
    progress[name] = value as number;
  }
  for (const name of SUMS) {
    const value = numbers[name];
    if (!Number.isFinite(value))
      throw new CheckpointError([...where, name], "a number", JSON.stringify(value) ?? "none");
    progress[name] = value as number;
  }
  const { epoch } = progress as Progress;
  progress.trainLosses = readLosses(tensors, TRAIN_LOSSES, epoch, epoch);
  progress.validationLosses = readLosses(tensors, VALIDATION_LOSSES, 0, epoch);
  return progress as Progress;
}

function readLosses(tensors: Tensors, name: string, fewest: number, most: number): number[] {
  const tensor = tensors.get(name);
  if (tensor?.dtype !== "F64" || tensor.shape.length !== 1)
    throw new CheckpointError(["header", name], "F64 of one dimension", tensor ? tensor.dtype : "none");
  const { length } = tensor.data;
  if (length < fewest || length > most)
    throw new CheckpointError(["header", name], fewest === most ? `${most} losses` : `at most ${most} losses`, length);
  const bad = tensor.data.findIndex((loss) => !Number.isFinite(loss));
  if (bad >= 0) throw new CheckpointError(["header", name, bad], "a finite number", String(tensor.data[bad]));
  return Array.from(tensor.data);
}

function readCarried(tensors: Tensors, model: ModelConfig, { batchSize }: TrainConfig): State {
  const shape = [model.layers, batchSize, model.hiddenSize];
  const parts = CARRIED.map((name) => values32(tensors, name, shape));
  const carried = new Float32Array(model.layers * STATES.length * batchSize * padded(model.hiddenSize));
  parts.forEach((values, part) => {
    eachCarried(model, batchSize, part, (place, i) => {
      carried[place] = values[i]!;
    });
  });
  return carried;
}

/** Visits the state [layers, h and c, B, H padded] of one part, h (0) or c (1), in the order [layers, B, H]. */
function eachCarried(
  { layers, hiddenSize }: ModelConfig,
  batchSize: number,
  part: number,
  visit: (place: number, i: number) => void,
): void {
  const H = padded(hiddenSize);
  let i = 0;
  for (let layer = 0; layer < layers; layer++)
    for (let b = 0; b < batchSize; b++)
      for (let unit = 0; unit < hiddenSize; unit++)
        visit(((layer * STATES.length + part) * batchSize + b) * H + unit, i++);
}
