import { OptionError } from "../common/errors.js";
import { usefulThreadCount } from "../engine/thread-count.js";
import type { ProcessGroup } from "../inference/process-group.js";
import { type Data, isText } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import { CUSTOM_SCHEDULE, SCHEDULES } from "../optim/schedule.js";
import { settleClassWeights } from "./class-weights.js";
import { hasClassEach } from "./encoded.js";
import { checkFrozenTensors } from "./frozen.js";
import { settleTraining, type TrainConfig, type TrainOptions } from "./options.js";
import { defaultShardCount } from "./shard-count.js";
import { longest } from "./split.js";

/** Assumed steps of a sequence that is as long as its text or example. */
const USUAL_LENGTH = 50;

/**
 * The options that are saved with a run, with every default filled in, including the number of shards.
 *
 * @param before the configuration of the resumed run
 * @throws OptionError for an invalid value, one that a resumed run cannot change, or one without effect on these data
 */
export function resolveRun(model: Model, data: Data, options: TrainOptions, before?: TrainConfig): TrainConfig {
  refuseWithoutEffect(model, data, options);
  const most = largestBatch(model, data);
  const isSame = before && options.batchSize && Math.min(options.batchSize, most) === before.batchSize;
  const config = settleTraining(isSame ? { ...options, batchSize: before.batchSize } : options, before);
  checkSchedule(config, before);
  checkFrozenTensors(model.engine.table, config.frozen);
  const sequences = sequencesIn(data, config);
  if (options.gradientShards !== undefined && options.gradientShards > sequences)
    throw new OptionError("gradientShards", `at most ${sequences}, the sequences of a batch`, options.gradientShards);
  const shards = config.gradientShards || defaultShardCount(sequences, model.parameterCount);
  const batchSize = before ? config.batchSize : Math.min(config.batchSize, most);
  // Stored with the run, so that a resumed run splits the data the same way.
  const stratify = !before && config.validationFraction > 0 && !isText(data) && hasClassEach(model);
  return {
    ...config,
    classWeights: settleClassWeights(model, config.classWeights),
    ...(stratify ? { stratify: config.stratify ?? true } : {}),
    batchSize,
    gradientShards: Math.min(shards, sequences),
  };
}

/** @throws OptionError for a function that is missing, or that a warm-up would change */
function checkSchedule({ schedule, warmupSteps }: TrainConfig, before: TrainConfig | undefined): void {
  if (schedule === CUSTOM_SCHEDULE)
    throw new OptionError(
      "schedule",
      before
        ? "the function that the run was started with, or another schedule"
        : `${SCHEDULES.join(", ")}, or a function`,
      before ? undefined : schedule,
    );
  if (typeof schedule === "function" && warmupSteps > 0)
    throw new OptionError("warmupSteps", "0 with a schedule that is a function", warmupSteps);
}

/**
 * The most sequences that a batch of these data can have: memory and checkpoints hold a state for each. A text too short
 * for the streams is rejected elsewhere.
 */
const largestBatch = (model: Model, data: Data): number =>
  isText(data) && model.config.window === 0 ? Number.POSITIVE_INFINITY : data.length;

/**
 * The number of threads for this process's part of a run, including this one.
 *
 * @param wanted 0 takes as many as are useful on this machine
 */
export function threadCount(
  model: Model,
  data: Data,
  config: TrainConfig,
  wanted: number,
  { size, localSize }: Pick<ProcessGroup, "size" | "localSize"> = { size: 1, localSize: 1 },
): number {
  const shards = longest(config.gradientShards, size);
  if (wanted > 0) return Math.min(shards, wanted);
  if (!model.engine.isShared) return 1;
  const T = model.config.window || (isText(data) && config.sequenceLength) || USUAL_LENGTH;
  const B = sequencesIn(data, config) / size;
  return Math.min(shards, usefulThreadCount(T, B, model.parameterCount, localSize));
}

/** Sequences in the largest batch. */
const sequencesIn = (data: Data, { batchSize }: TrainConfig): number =>
  isText(data) ? batchSize : Math.min(batchSize, data.length);

/** @throws OptionError for an option that has no effect on these data */
function refuseWithoutEffect(model: Model, data: Data, options: TrainOptions): void {
  const { sequenceLength, shuffle, stratify, classWeights } = options;
  if (classWeights !== undefined && isText(data))
    throw new OptionError("classWeights", "no value for a text", classWeights);
  if (shuffle !== undefined && isText(data))
    throw new OptionError("shuffle", "no value for a text, which is always read in order", shuffle);
  if (stratify !== undefined && (isText(data) || !hasClassEach(model)))
    throw new OptionError("stratify", "no value unless each example has one class as its target", stratify);
  if (sequenceLength === undefined) return;
  if (!isText(data))
    throw new OptionError("sequenceLength", "no value for examples, which have their own", sequenceLength);
  if (model.config.window > 0)
    throw new OptionError("sequenceLength", "no value for a model with a window, which is its length", sequenceLength);
}
