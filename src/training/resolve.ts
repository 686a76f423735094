import { usefulThreadCount } from "../engine/thread-count.js";
import { resolveTraining, type TrainConfig, type TrainOptions } from "../model/config.js";
import type { Data } from "../model/dataset.js";
import type { Model } from "../model/model.js";

/** What is taken for the length of a sequence that is as long as its text, or its example. */
const USUAL_LENGTH = 50;

/**
 * The options of a training run of this model, with every default filled in: the number of threads too.
 *
 * @param before the configuration of the run that goes on
 * @throws OptionError for a value that cannot be, or that such a run cannot change
 */
export function resolveRun(model: Model, data: Data, options: TrainOptions, before?: TrainConfig): TrainConfig {
  const config = resolveTraining(options, before);
  const sequences = Array.isArray(data) ? Math.min(config.batchSize, data.length) : config.batchSize;
  return { ...config, threads: Math.min(config.threads || automatic(model, sequences, config), sequences) };
}

function automatic(
  { engine, config, parameterCount }: Model,
  sequences: number,
  { sequenceLength }: TrainConfig,
): number {
  if (!engine.isShared) return 1;
  return usefulThreadCount(config.window || sequenceLength || USUAL_LENGTH, sequences, parameterCount);
}
