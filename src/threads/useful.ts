import { availableThreads } from "#platform";
import { resolveTraining, type TrainConfig, type TrainOptions } from "../config.js";
import type { Model } from "../model.js";

/** Sequences that a thread needs to be of use: the products are computed four rows at a time. */
const FEWEST_SEQUENCES = 4;
/** Multiplications that it needs in every update, to be worth waking: about a fifth of a millisecond. */
const FEWEST_MULTIPLICATIONS = 2e6;
/** What is taken for the length of a sequence that is known only with the data. */
const USUAL_LENGTH = 50;

/**
 * The options of a training run of this model, with every default filled in: the number of threads too.
 *
 * @param before the configuration of the run that goes on
 * @throws OptionError for a value that cannot be, or that such a run cannot change
 */
export function resolveRun(model: Model, options: TrainOptions, before?: TrainConfig): TrainConfig {
  const config = resolveTraining(options, before);
  const threads = config.threads > 0 ? Math.min(config.threads, config.batchSize) : usefulThreads(model, config);
  return { ...config, threads };
}

/** How many threads of this host make a run faster. */
function usefulThreads({ engine, config, parameterCount }: Model, { batchSize, sequenceLength }: TrainConfig): number {
  if (!engine.isShared) return 1;
  const T = config.window || sequenceLength || USUAL_LENGTH;
  const multiplications = 3 * parameterCount * T * batchSize;
  const most = Math.min(batchSize / FEWEST_SEQUENCES, multiplications / FEWEST_MULTIPLICATIONS, availableThreads());
  return Math.max(1, Math.floor(most));
}
