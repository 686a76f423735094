import type { Batches } from "../data/batches.js";
import type { Engine, State } from "../engine/engine.js";
import type { Model } from "../model/model.js";
import type { SharedRun } from "./process-group.js";

/** Computes the gradients of one chunk of a run after another. */
export interface GradientSource {
  /** The keys of dropout: an int32 for every layer of every shard. */
  readonly keys: Int32Array;
  /** The state after the last step. */
  readonly state: State;
  /** The address of a step's gradients. */
  readonly gradients: number;
  /** Prepares the slow parts of the first step. */
  prepare(): Promise<void>;
  /**
   * Computes the next chunk's gradients, and the state after it.
   *
   * @param carried the state before it
   * @returns the loss, summed over all predictions
   * @throws WorkerError if a worker fails
   * @throws LstmError if the model was freed
   */
  step(carried: State, gradientScale: number): Promise<number>;
}

/** Options of a source of gradients. */
export interface GradientOptions {
  readonly batches: Batches;
  /** The probability of dropping an output. */
  readonly dropout: number;
  /** The number of shards, of all processes. */
  readonly shards: number;
  /** One flat gradient buffer for each shard of this process; the first receives the sum. */
  readonly gradients: readonly number[];
  /** {@link GradientSources.bytesFor} bytes. */
  readonly passes: number;
  /** Number of threads, including this one. */
  readonly threads: number;
  /** The run of several processes that this one takes part in. */
  readonly group?: SharedRun | undefined;
}

/** A class of sources of gradients, and the memory that they need. */
export interface GradientSources {
  /** @throws OutOfMemoryError if a step does not fit into memory */
  new (model: Model, options: GradientOptions): GradientSource;
  /** The most shards that this process has to compute. */
  ownShards(shards: number, group?: SharedRun): number;
  /**
   * Bytes for the passes of the workers' shards, and for adding up the gradients of several processes.
   *
   * @param shards of all processes
   */
  bytesFor(
    engine: Engine,
    batches: Batches,
    dropout: number,
    shards: number,
    threads: number,
    group?: SharedRun,
  ): number;
}
