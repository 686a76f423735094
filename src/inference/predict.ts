import { InputError } from "../common/errors.js";
import { integer, type OptionsOf, SIGNAL, settle } from "../common/options.js";
import { checkArray } from "../common/validate.js";
import type { Numbers } from "../data/examples.js";
import { compute } from "../engine/pass.js";
import { checkModel, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE, PROGRESS, THREADS } from "../model/options.js";
import type { PredictionWork } from "./predictions.js";
import { groupOf, PROCESS_GROUP } from "./process-group.js";
import { readSequence, SequenceBatch } from "./sequence-batch.js";

/** Options of {@link predictBatch}. */
export const PREDICT_BATCH_OPTIONS = {
  /** Sequences that are computed side by side. */
  batchSize: integer({ default: 64, min: 1, max: MAX_BATCH_SIZE }),
  /** Number of threads, which changes nothing but the time; 0 takes as many as are useful on this machine. */
  threads: THREADS,
  /** Processes that share the sequences, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Aborts with the signal's reason. */
  signal: SIGNAL,
  /** Called after each batch with the number of sequences that are done, and of all, in this process. */
  onProgress: PROGRESS,
};

/** Options of {@link predictBatch}. */
export interface PredictBatchOptions extends OptionsOf<typeof PREDICT_BATCH_OPTIONS> {}

/**
 * Runs a model on one sequence, from a zero state. The memory for activations does not grow with its length, unless the
 * model is bidirectional.
 *
 * @param inputs tokens [T], or vectors [T, inputSize], concatenated or nested
 * @returns per output, the probabilities of the tokens or classes, or the predicted values: [T, outputSize], or
 *   [outputSize] with `returnSequences: false`
 * @throws InputError for an empty sequence, or one that does not fit the model
 * @throws LstmError if the model's weights are so large that its outputs overflow
 */
export function predict(model: Model, inputs: Numbers): Float32Array {
  checkModel(model);
  if (areSeveral(model, inputs))
    throw new InputError("inputs: expected one sequence, got an array of them: predictBatch takes several");
  const batch = new SequenceBatch(model, [readSequence(model, inputs, "inputs")]);
  while (!batch.isDone) compute(model.engine.network, batch.nextPass());
  return batch.results[0]!;
}

/** Whether what should be a sequence is a list of them: of tokens nested once, of vectors twice. */
function areSeveral({ reads }: Model, inputs: unknown): boolean {
  const [first] = Array.isArray(inputs) ? inputs : [];
  const isList = (value: unknown) =>
    typeof value === "object" && Number.isInteger((value as { length?: number } | null)?.length);
  return reads === "tokens" ? isList(first) : isList(first) && isList(first[0]);
}

/**
 * Runs a model on many sequences of any length, each from a zero state. They are computed side by side, those of similar
 * length together and without padding. Lets the event loop run about 60 times a second.
 *
 * @param sequences each as the inputs of {@link predict}
 * @returns what {@link predict} returns for each, in their order
 * @throws OptionError for an invalid option
 * @throws as {@link predict}
 * @throws RankError if another process of `processGroup` fails or differs
 */
export async function predictBatch(
  model: Model,
  sequences: readonly Numbers[],
  options: PredictBatchOptions = {},
): Promise<Float32Array[]> {
  const group = groupOf(options);
  if (group) {
    const { sharePredictions } = await import("./shared-predictions.js");
    return sharePredictions(group, () => readWork(model, sequences, options));
  }
  // The sequences are copied before anything is awaited.
  const work = readWork(model, sequences, options);
  const { predictAll } = await import("./predictions.js");
  return predictAll(work);
}

/** Validates a call of {@link predictBatch}, and copies the sequences. */
function readWork(model: Model, sequences: readonly Numbers[], options: PredictBatchOptions): PredictionWork {
  checkModel(model);
  const settled = settle(PREDICT_BATCH_OPTIONS, options);
  const inputs = Array.from(checkArray("sequences", sequences), (sequence, i) =>
    readSequence(model, sequence, `sequences[${i}]`),
  );
  return { model, inputs, options: settled };
}
