import { OptionError } from "../common/errors.js";
import { type OptionSpec, other } from "../common/options.js";
import type { Model } from "../model/model.js";

// What forward passes need from processes that share them. `lstm-wasm/mpi` implements it; programs of one process download none
// of that.

/** Processes with copies of one model, each of which does its part of the work: see `initMpi` of `lstm-wasm/mpi`. */
export interface ProcessGroup {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** The number of processes. */
  readonly size: number;
  /** The number of processes on this machine. */
  readonly localSize: number;
  /**
   * Has every process compute its part, and gives all of them the parts of all.
   *
   * @internal
   * @param prepare validates the work
   * @throws RankError if another process failed, or has other work than the first
   */
  collect(prepare: () => Promise<SharedWork>): Promise<Uint8Array<ArrayBuffer>[]>;
}

/**
 * Work that processes share.
 *
 * @internal
 */
export interface SharedWork {
  readonly model: Model;
  /** What has to be the same in all processes, by name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Computes this process's part. */
  compute(): Promise<Uint8Array<ArrayBuffer>>;
}

/** This process among those that share work. */
export type Place = Pick<ProcessGroup, "rank" | "size">;

/** One that shares with nobody. */
export const ALONE: Place = { rank: 0, size: 1 };

/** Whether a value can be used as a process group. */
export const isProcessGroup = (value: unknown): value is ProcessGroup =>
  typeof (value as ProcessGroup | undefined)?.collect === "function";

/** An option for a process group. */
export const PROCESS_GROUP: OptionSpec<ProcessGroup | undefined> = other((option, value) => {
  if (isProcessGroup(value)) return value;
  throw new OptionError(option, "what initMpi of lstm-wasm/mpi gives", value);
});

/** The group that an option names, before it is checked. */
export const groupOf = (options: { processGroup?: unknown } | undefined): ProcessGroup | undefined => {
  const group = Object(options).processGroup as unknown;
  return isProcessGroup(group) ? group : undefined;
};
