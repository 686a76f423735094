import type { TrainConfig } from "./config.js";
import { type Batches, TokenStreams, TokenWindows } from "./data/batches.js";
import { type Example, ExampleBatches } from "./data/examples.js";
import { fingerprint } from "./data/fingerprint.js";
import { OptionError } from "./errors.js";
import type { Model } from "./model.js";

/** What a model is trained on and evaluated with: a text, or examples. */
export type Data = string | readonly Example[];

/** Steps of one pass that only looks: enough to keep the kernels busy, few enough to stay in cache. */
const CHUNK = 256;

/** Data cut up for training: the first part to train on, the last to validate with. */
export interface Dataset {
  readonly training: Batches;
  readonly validation: Batches | undefined;
  readonly fingerprint: string;
}

/**
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or examples that do not fit the model
 * @throws OptionError where the held-out part would be too small
 */
export function cutForTraining(model: Model, data: Data, config: TrainConfig): Dataset {
  const { batchSize, sequenceLength, validationFraction } = config;
  const all = typeof data === "string" ? model.vocabulary.encode(data) : data;
  const held = Math.floor(all.length * validationFraction);
  const needed = typeof data === "string" ? Math.max(2, model.config.window + 1) : 1;
  if (validationFraction > 0 && held < needed)
    throw new OptionError("validationFraction", `at least ${needed} of ${all.length} held out`, validationFraction);
  const cut = all.length - held;
  const part = (from: number, to: number) => (all instanceof Int32Array ? all.subarray(from, to) : all.slice(from, to));
  return {
    training: cutUp(model, part(0, cut), batchSize, sequenceLength),
    // Held-out streams too short for a chunk would begin without what came before; so there are fewer of them.
    validation:
      held > 0 ? cutUp(model, part(cut, all.length), Math.min(batchSize, Math.ceil(held / CHUNK)), CHUNK) : undefined,
    fingerprint: fingerprint(all),
  };
}

/**
 * Data cut up to be looked at once, a text as one stream unless `batchSize` says otherwise.
 *
 * @throws as {@link cutForTraining}
 */
export function cutForReading(model: Model, data: Data, batchSize?: number): Batches {
  const isStream = typeof data === "string" && model.config.window === 0;
  batchSize ??= isStream ? 1 : 64;
  const all = typeof data === "string" ? model.vocabulary.encode(data) : data;
  return cutUp(model, all, batchSize, Math.ceil(CHUNK / batchSize));
}

function cutUp(
  model: Model,
  data: Int32Array | readonly Example[],
  batchSize: number,
  sequenceLength: number,
): Batches {
  const { window, scored } = model.config;
  if (!(data instanceof Int32Array)) return new ExampleBatches(data, batchSize, model.input, model.output, scored);
  if (window > 0) return new TokenWindows(data, batchSize, window);
  return new TokenStreams(data, batchSize, sequenceLength);
}
