import type { AbortSignalLike } from "../common/options.js";
import type { Engine, State } from "../engine/engine.js";
import type { ProcessGroup } from "../inference/process-group.js";
import type { Model } from "../model/model.js";
import type { Range } from "./split.js";

// What training needs from processes that share a run. `lstm-wasm/mpi` implements it; programs that train in one process
// download none of that.

/** Processes that train copies of one model together, each on its part of every batch. */
export interface TrainingGroup extends ProcessGroup {
  /**
   * A run that all processes take part in. However it ends in this one, the others are told.
   *
   * @param prepare validates the run
   * @param run trains and reports
   * @throws RankError if another process failed, or has another run than the first
   */
  share<Report>(
    prepare: () => Promise<PreparedRun>,
    run: (shared: SharedRun) => AsyncGenerator<Report, void, void>,
  ): AsyncGenerator<Report, void, void>;
}

/** Whether a value can be used as a process group for training. */
export const isTrainingGroup = (value: unknown): value is TrainingGroup =>
  typeof (value as TrainingGroup | undefined)?.share === "function";

/**
 * A run that is about to start or resume.
 *
 * @internal
 */
export interface PreparedRun {
  readonly model: Model;
  /** The run's options. */
  readonly config: { readonly gradientShards: number };
  /** Identify the data. */
  readonly fingerprint: string;
  readonly validationFingerprint: string | undefined;
  readonly signal?: AbortSignalLike | undefined;
  /** The run to resume. Only the first process needs to have the state of all sequences, and gives it to the others. */
  readonly before:
    | {
        readonly progress: object;
        readonly carried: State;
        readonly optimizerState: ReadonlyMap<string, Float32Array>;
        readonly last: Float32Array | undefined;
      }
    | undefined;
}

/**
 * A run that several processes take part in.
 *
 * @internal
 */
export interface SharedRun extends Pick<ProcessGroup, "rank" | "size"> {
  /** Bytes that an exchange needs to add up flat buffers, one for each shard, in these segments. */
  bytesFor(segments: readonly Range[], shards: number): number;
  /** Begins the exchange of a step, once this process knows the losses of its shards and the state after them. */
  exchange(step: ComputedShards): Exchange;
  /**
   * Gives all processes the parts of all, of a validation.
   *
   * @throws RankError if another process has ended the run, or does not answer
   */
  gather(part: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]>;
}

/**
 * The end of a step that several processes take. It goes on while this one still computes.
 *
 * @internal
 */
export interface Exchange {
  /** Adds up a segment over all shards, whose gradients are there now. Every process does so in the same order. */
  add(segment: Range): void;
  /** Lets it go on: to be called now and then. */
  advance(): void;
  /**
   * Waits until all processes have the losses of all shards and the sum of their gradients, the first one also the state of all
   * sequences.
   *
   * @throws RankError if another process has ended the run, or does not answer
   */
  finish(): Promise<void>;
}

/** What a process has computed in a step. */
export interface ComputedShards {
  readonly engine: Engine;
  /** The losses of all shards, of which this process has written its own. */
  readonly losses: Float64Array;
  /** Its shards, adjacent ones. */
  readonly own: Range;
  /** A flat buffer for the gradients of each of these, and at least one; the first receives the sum over all shards. */
  readonly gradients: readonly number[];
  /** {@link SharedRun.bytesFor} bytes. */
  readonly memory: number;
  /** The state of B sequences after the step, adjacent ones of each shard; undefined if nothing is carried over. */
  readonly state: { readonly all: State; readonly B: number } | undefined;
}
