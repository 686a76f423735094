import { TimeSlice } from "../common/event-loop.js";
import type { AbortSignalLike } from "../common/options.js";
import type { Model } from "../model/model.js";
import type { ProcessGroup } from "./process-group.js";
import { type Sequence, SequenceBatch } from "./sequence-batch.js";
import { sliceBytes } from "./slice-bytes.js";
import { Team } from "./team.js";

// Fetched by `predictBatch`.

/** Sequences to predict. */
export interface PredictionWork {
  readonly model: Model;
  readonly inputs: readonly Sequence[];
  /** Those of `predictBatch`. */
  readonly options: {
    readonly batchSize: number;
    readonly threads: number;
    readonly signal: AbortSignalLike | undefined;
    readonly onProgress: ((completed: number, total: number) => void) | undefined;
    readonly processGroup: Pick<ProcessGroup, "localSize"> | undefined;
  };
}

/** Fewest sequences that keep a thread busy: matrix products are computed several rows at a time. */
const MIN_SEQUENCES = 4;

/** The indices of sequences, the longest first. */
export const orderOf = (inputs: readonly Sequence[]): number[] =>
  inputs.map((_, i) => i).sort((a, b) => inputs[b]!.T - inputs[a]!.T);

/** The results of all sequences, in their order. */
export async function predictAll(work: PredictionWork): Promise<Float32Array[]> {
  const results = new Array<Float32Array>(work.inputs.length);
  await predictSome(work, orderOf(work.inputs), results);
  return results;
}

/**
 * Predicts some of the sequences.
 *
 * @param order indices of inputs, the longest first
 * @param results receives the result of each, at its index
 */
export async function predictSome(
  { model, inputs, options }: PredictionWork,
  order: readonly number[],
  results: Float32Array[],
): Promise<void> {
  const { batchSize, signal, onProgress } = options;
  const timeSlice = new TimeSlice(signal);
  if (order.length === 0) return;
  const lengths = order.map((i) => inputs[i]!.T);
  const team = await startTeam(model, lengths, options);
  try {
    // In a round each thread has a batch; rounds are of about the same size.
    const rounds = Math.ceil(order.length / (batchSize * team.size));
    const perRound = Math.ceil(order.length / rounds / team.size) * team.size;
    for (let start = 0; start < order.length; start += perRound) {
      const round = order.slice(start, start + perRound);
      const shares = sharesOf(round, team.size);
      const batches = shares.map(
        (indices) =>
          new SequenceBatch(
            model,
            indices.map((i) => inputs[i]!),
          ),
      );
      while (batches.some(({ isDone }) => !isDone)) {
        if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
        await team.run(batches.filter(({ isDone }) => !isDone).map((batch) => batch.nextPass()));
      }
      for (const [k, indices] of shares.entries())
        for (const [b, i] of indices.entries()) results[i] = batches[k]!.results[b]!;
      onProgress?.(start + round.length, order.length);
    }
  } finally {
    team.free();
  }
}

/** @param lengths of all sequences, descending */
function startTeam(
  model: Model,
  lengths: readonly number[],
  { batchSize, threads, processGroup }: PredictionWork["options"],
): Promise<Team> {
  const { engine, config } = model;
  const steps = lengths.reduce((sum, T) => sum + T, 0);
  const passBytes = sliceBytes(engine, lengths.slice(0, batchSize), config.bidirectional, config);
  const most = Math.ceil(lengths.length / MIN_SEQUENCES);
  const processes = processGroup?.localSize;
  return Team.of(engine, { most, passBytes, steps, threads, processes, name: "predictBatch" });
}

/** Every so many items for each of the threads, so that all have about as many steps. */
const sharesOf = (items: readonly number[], threads: number): number[][] =>
  Array.from({ length: Math.min(threads, items.length) }, (_, k) => items.filter((_, i) => i % threads === k));
