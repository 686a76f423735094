import { InputError, OptionError } from "../common/errors.js";
import { Random } from "../common/random.js";
import type { Batches } from "../data/batches.js";
import type { ClassWeights, Sequence } from "../data/examples.js";
import { fingerprint } from "../data/fingerprint.js";
import { batchesOf, type Data, encodeData, READING_STEPS } from "../model/dataset.js";
import type { Model } from "../model/model.js";
import type { TrainConfig } from "./options.js";

type Encoded = Int32Array | readonly Sequence[];

/** The number of tokens or examples to train on: all but the held-out ones. */
export const trainingLength = (length: number, { validationFraction }: TrainConfig): number =>
  length - Math.round(length * validationFraction);

/** Batches to validate on, and what does. */
export interface Validation {
  readonly batches: Batches;
  readonly meanLoss: typeof import("../inference/mean-loss.js").meanLoss;
}

/** Training batches, and validation batches. */
export interface Dataset {
  readonly training: Batches;
  readonly validation: Validation | undefined;
  readonly fingerprint: string;
  /** Identifies separate validation data. */
  readonly validationFingerprint: string | undefined;
}

/**
 * Validates and copies data to validate on.
 *
 * @throws InputError, UnknownTokenError as encodeData
 */
export function encodeValidationData(model: Model, data: Data): Encoded {
  try {
    return encodeData(model, data);
  } catch (error) {
    return ofValidation(error);
  }
}

/**
 * @param own data to validate on, in place of a held-out part
 * @throws InputError for too little data
 * @throws OptionError if the held-out part is too small
 */
export async function splitData(model: Model, all: Encoded, config: TrainConfig, own?: Encoded): Promise<Dataset> {
  const { batchSize, sequenceLength } = config;
  const classWeights = config.classWeights as ClassWeights;
  const [kept, held] = own ? [all, own] : holdOut(model, all, config);
  const { length } = held;
  // Streams shorter than a chunk would mostly lack context, so a short text is split into fewer.
  const streams = held instanceof Int32Array ? Math.min(batchSize, Math.ceil(length / READING_STEPS)) : batchSize;
  const validate = async (): Promise<Validation> => ({
    batches: await batchesOf(model, held, Math.max(1, streams), READING_STEPS, classWeights),
    ...(await import("../inference/mean-loss.js")),
  });
  return {
    training: await batchesOf(model, kept, batchSize, sequenceLength, classWeights),
    validation: own || length > 0 ? await validate().catch(ofValidation) : undefined,
    fingerprint: fingerprint(all),
    validationFingerprint: own && fingerprint(own),
  };
}

/** Names the validation data in an error about them. */
function ofValidation(error: unknown): never {
  throw error instanceof InputError ? new InputError(`validationData: ${error.message}`) : error;
}

/** The training part and the held-out part. */
function holdOut(model: Model, all: Encoded, config: TrainConfig): [Encoded, Encoded] {
  const { validationFraction } = config;
  const cut = trainingLength(all.length, config);
  const held = all.length - cut;
  const needed = all instanceof Int32Array ? Math.max(2, model.config.window + 1) : 1;
  if (validationFraction > 0 && held < needed)
    throw new OptionError("validationFraction", `at least ${needed} of ${all.length} held out`, validationFraction);
  if (all instanceof Int32Array) return [all.subarray(0, cut), all.subarray(cut)];
  if (!config.stratify) return [all.slice(0, cut), all.slice(cut)];
  const chosen = stratified(all, held, new Random(model.config.seed));
  return [all.filter((_, i) => !chosen.has(i)), all.filter((_, i) => chosen.has(i))];
}

/** Whether each example has one class as its target. */
export const hasClassEach = ({ output, config, isLanguageModel }: Model): boolean =>
  output.kind === "categorical" && !config.returnSequences && !isLanguageModel;

/** The indices of `held` random examples, as nearly as possible the same fraction of each class. */
export function stratified(
  examples: readonly { readonly targets: ArrayLike<unknown> }[],
  held: number,
  random: Random,
): ReadonlySet<number> {
  const classes = new Map<number, number[]>();
  for (const [i, { targets }] of examples.entries()) {
    const target = Number(targets[0]);
    const members = classes.get(target) ?? [];
    members.push(i);
    classes.set(target, members);
  }
  const shares = [...classes]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => {
      const exact = (members.length * held) / examples.length;
      return { members, count: Math.floor(exact), rest: exact % 1 };
    });
  // The classes with the largest remainders get one more each.
  let left = held - shares.reduce((sum, { count }) => sum + count, 0);
  for (const share of [...shares].sort((a, b) => b.rest - a.rest)) if (left-- > 0) share.count++;
  const chosen = new Set<number>();
  for (const { members, count } of shares)
    for (let i = 0; i < count; i++) {
      const j = i + Math.floor(random.uniform() * (members.length - i));
      [members[i], members[j]] = [members[j]!, members[i]!];
      chosen.add(members[i]!);
    }
  return chosen;
}
