import { MAX_WEIGHT } from "../data/examples.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { STATES } from "../network/lstm-layer.js";
import type { ParameterTable } from "../network/parameters.js";
import { sizeOf } from "../network/tensors.js";
import { optimizerOf } from "../optim/optimizers.js";
import { CUSTOM_SCHEDULE } from "../optim/schedule.js";
import { checkFrozenTensors } from "../training/frozen.js";
import { settleTraining, TRAIN_OPTIONS } from "../training/options.js";
import { isValidated, type Progress, type TrainingState } from "../training/training-state.js";
import { CheckpointError } from "./checkpoint-error.js";
import { checkParameters, lazyTensor, type TensorReader, values32, writeParameters } from "./parameters.js";
import type { TensorData, TensorInfo } from "./safetensors/safetensors.js";
import { complete, METADATA, readObject, shown, TRAINING } from "./settings.js";

type Metadata = ReadonlyMap<string, string>;
type Tensors = ReadonlyMap<string, TensorInfo>;

const WHERE = [...METADATA, "training"];
export const LAST = "training.last.";
export const CARRIED = STATES.map((name) => `training.carried.${name}`);
const TRAIN_LOSSES = "training.train_losses";
const VALIDATION_LOSSES = "training.validation_losses";
/** The generator's four words, as signed integers: older versions of PyTorch lack unsigned ones. */
const RANDOM = "training.random";

/** The scalar fields of {@link Progress}: counters, then sums and norms. */
const COUNTS = ["epoch", "step", "tokens", "cursor", "epochKey"] as const;
const SUMS = ["epochPredictions", "epochLoss", "gradientNorm"] as const;

/** Adds the state of a run to a checkpoint. */
export function writeTraining(
  tensors: Map<string, TensorData>,
  metadata: Map<string, string>,
  { engine, config, random }: Model,
  { config: training, progress, fingerprint, validationFingerprint, carried, optimizerState, last }: TrainingState,
): void {
  const { trainLosses, validationLosses } = progress;
  const { keptEpoch } = progress;
  const numbers = {
    ...Object.fromEntries([...COUNTS, ...SUMS].map((name) => [name, progress[name]])),
    ...(keptEpoch === undefined ? {} : { keptEpoch }),
  };
  // A function cannot be kept: whoever resumes has to pass it again.
  const stored = typeof training.schedule === "function" ? { ...training, schedule: CUSTOM_SCHEDULE } : training;
  metadata.set("training", JSON.stringify({ config: stored, progress: numbers, fingerprint, validationFingerprint }));
  const add = (entries: Iterable<[string, TensorData]>) => {
    for (const [name, tensor] of entries) tensors.set(name, tensor);
  };
  if (last) add(writeParameters(engine.table, last, LAST));
  for (const [name, buffer] of optimizerState) add(writeParameters(engine.table, buffer, `${TRAINING}${name}.`));
  const { batchSize: B } = training;
  const shape = carriedShape(config, B);
  CARRIED.forEach((name, part) => {
    const values = () => {
      const data = new Float32Array(sizeOf(shape));
      eachCarried(config, B, part, (place, i) => {
        data[i] = carried[place]!;
      });
      return data;
    };
    tensors.set(name, lazyTensor(shape, values));
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

/** The part of a run's state that is stored in the metadata. */
export type RunSettings = Pick<TrainingState, "config" | "fingerprint" | "validationFingerprint" | "progress">;

/**
 * The settings of a checkpoint's run, after validating all of its state; undefined if there is no run.
 *
 * @throws CheckpointError for an invalid or inconsistent run
 */
export function* checkTraining(
  tensors: Tensors,
  metadata: Metadata,
  model: ModelConfig,
  table: ParameterTable,
): TensorReader<RunSettings | undefined> {
  if (!metadata.has("training")) {
    for (const name of tensors.keys())
      if (name.startsWith(TRAINING))
        throw new CheckpointError(WHERE, "a training run, since there are tensors of one", "none");
    return undefined;
  }
  const stored = readObject(metadata, "training");
  const { fingerprint, validationFingerprint } = stored;
  for (const [name, value] of Object.entries({ fingerprint, validationFingerprint }))
    if ((name === "fingerprint" || value !== undefined) && !(typeof value === "string" && /^[0-9a-f]{16}$/.test(value)))
      throw new CheckpointError([...WHERE, name], "16 hexadecimal digits", shown(value));
  const hasValidationData = validationFingerprint !== undefined;
  const config = complete([...WHERE, "config"], stored["config"], TRAIN_OPTIONS, (options) => {
    const settled = settleTraining(options, undefined, hasValidationData);
    checkFrozenTensors(table, settled.frozen);
    return settled;
  });
  if (config.gradientShards === 0)
    throw new CheckpointError([...WHERE, "config", "gradientShards"], "a number of shards", 0);
  const run = {
    config,
    fingerprint: fingerprint as string,
    validationFingerprint: validationFingerprint as string | undefined,
  };
  const progress = yield* readProgress(stored["progress"], tensors, isValidated(run));
  for (const name of CARRIED) yield* values32(tensors, name, carriedShape(model, config.batchSize));
  const states = optimizerOf(config).stateNames(config);
  for (const name of states) yield* checkParameters(table, tensors, `${TRAINING}${name}.`);
  if (hasLast(tensors)) yield* checkParameters(table, tensors, LAST);
  const known = [...CARRIED, TRAIN_LOSSES, VALIDATION_LOSSES, RANDOM];
  const runs = [LAST, ...states.map((name) => `${TRAINING}${name}.`)];
  for (const name of tensors.keys())
    if (name.startsWith(TRAINING) && !known.includes(name) && !runs.some((run) => name.startsWith(run)))
      throw new CheckpointError(["header", name], `none, with ${config.optimizer}`, "one");
  const random = tensors.get(RANDOM);
  if (random?.dtype !== "I32" || random.shape.join() !== "4" || (yield* readRandom()).every((word) => word === 0))
    throw new CheckpointError(["header", RANDOM], "I32 of shape [4], not all 0", random ? random.dtype : "none");
  return { ...run, progress };
}

/** The generator's words, from a tensor that was checked to hold four. */
export function* readRandom(): TensorReader<Uint32Array> {
  const { data } = yield RANDOM;
  return Uint32Array.from(data, Number);
}

/** @throws CheckpointError for numbers that no run can reach */
function* readProgress(stored: unknown, tensors: Tensors, isValidated: boolean): TensorReader<Progress> {
  const refuse = (name: keyof Progress, expected: string, value: unknown): never => {
    throw new CheckpointError([...WHERE, "progress", name], expected, shown(value));
  };
  const numbers = Object(stored) as Record<string, unknown>;
  const found: Partial<Progress> = {};
  for (const name of [...COUNTS, ...SUMS]) {
    const value = numbers[name];
    const isSum = (SUMS as readonly string[]).includes(name);
    if (!(isSum ? Number.isFinite(value) : Number.isSafeInteger(value) && (value as number) >= 0))
      refuse(name, isSum ? "a number" : "an integer", value);
    found[name] = value as number;
  }
  const progress = found as Progress;
  const { epoch, step, tokens, cursor, epochPredictions, epochKey, gradientNorm } = progress;
  progress.trainLosses = yield* readLosses(tensors, TRAIN_LOSSES, epoch, epoch);
  // The last epoch's loss may be missing, but not once the next epoch has begun.
  const validated = isValidated ? epoch : 0;
  progress.validationLosses = yield* readLosses(
    tensors,
    VALIDATION_LOSSES,
    cursor > 0 ? validated : Math.max(0, validated - 1),
    validated,
  );
  // Each epoch has the same number of updates, at least one. The remaining updates belong to the current epoch: none at
  // its end; within it at least one, at most one per unit of the cursor, and fewer than a whole epoch.
  const over = cursor === 0 ? 0 : epoch === 0 ? step : ((step - 1) % epoch) + 1;
  const each = epoch === 0 ? over + 1 : (step - over) / epoch;
  const isMidst = over >= 1 && over <= cursor && over < each;
  if (!(cursor === 0 ? (epoch === 0 ? step === 0 : each >= 1 && Number.isInteger(each)) : isMidst))
    refuse("step", `the updates of ${epoch} epochs${cursor === 0 ? "" : ` and 1 to ${cursor} more`}`, step);
  if (tokens < step || (step === 0 && tokens > 0)) refuse("tokens", `at least one for each of ${step} updates`, tokens);
  // An update may have no target that counts, an epoch may not. Tokens have a weight of their own and one of their class.
  const isEpoch = cursor === 0 && epoch > 0;
  if (
    epochPredictions < 0 ||
    (isEpoch && epochPredictions === 0) ||
    epochPredictions > tokens * MAX_WEIGHT * MAX_WEIGHT
  )
    refuse("epochPredictions", `the weight of the targets among ${tokens} tokens`, epochPredictions);
  if (epochKey >= 2 ** 32) refuse("epochKey", "less than 2^32", epochKey);
  if (gradientNorm < 0) refuse("gradientNorm", "at least 0", gradientNorm);
  const { keptEpoch } = numbers;
  if (keptEpoch !== undefined) {
    if (
      isValidated ||
      !Number.isSafeInteger(keptEpoch) ||
      !((keptEpoch as number) >= 1 && (keptEpoch as number) <= epoch)
    )
      refuse("keptEpoch", isValidated ? "none with a validation split" : `an integer from 1 to ${epoch}`, keptEpoch);
    if (!hasLast(tensors)) refuse("keptEpoch", "none without separate last parameters", keptEpoch);
    progress.keptEpoch = keptEpoch as number;
  }
  if (hasLast(tensors) && progress.validationLosses.length === 0 && keptEpoch === undefined)
    throw new CheckpointError(["header", LAST], "no separate last parameters without a validation split", "some");
  return progress;
}

export const hasLast = (tensors: Tensors): boolean => [...tensors.keys()].some((name) => name.startsWith(LAST));

/** As PyTorch has it: [layers · directions, B, H]. */
export const carriedShape = (model: ModelConfig, B: number) => [statesOf(model), B, model.hiddenSize];

export const statesOf = ({ layers, bidirectional }: ModelConfig): number => layers * (bidirectional ? 2 : 1);

function* readLosses(tensors: Tensors, name: string, fewest: number, most: number): TensorReader<number[]> {
  const tensor = tensors.get(name);
  if (tensor?.dtype !== "F64" || tensor.shape.length !== 1)
    throw new CheckpointError(["header", name], "F64 of one dimension", tensor ? tensor.dtype : "none");
  const [length] = tensor.shape as [number];
  if (length < fewest || length > most)
    throw new CheckpointError(["header", name], `${fewest === most ? "" : `${fewest} or `}${most} losses`, length);
  const losses = Array.from((yield name).data, Number);
  const bad = losses.findIndex((loss) => !Number.isFinite(loss));
  if (bad >= 0) throw new CheckpointError(["header", name, bad], "a finite number", String(losses[bad]));
  return losses;
}

/**
 * Visits one of the states, h (0) or c (1), of [layers · directions, h and c, B, H padded], in the order
 * [layers · directions, B, H].
 */
export function eachCarried(
  model: ModelConfig,
  B: number,
  part: number,
  visit: (place: number, i: number) => void,
): void {
  const { hiddenSize } = model;
  const H = padded(hiddenSize);
  let i = 0;
  for (let layer = 0; layer < statesOf(model); layer++)
    for (let b = 0; b < B; b++)
      for (let unit = 0; unit < hiddenSize; unit++) visit(((layer * STATES.length + part) * B + b) * H + unit, i++);
}
