import { LstmError } from "../common/errors.js";
import { display } from "../common/show.js";

/** Longest message to the other ranks, in bytes. */
export const MESSAGE_BYTES = 1024;

/** MPI is not there, cannot be used, or has reported an error. */
export class MpiError extends LstmError {
  override readonly name = "MpiError";
}

/** Another process of a group has ended a run, does not answer, or differs from the first. */
export class RankError extends LstmError {
  override readonly name = "RankError";

  constructor(
    /** The number of that process. */
    readonly rank: number,
    /** Its machine's name. */
    readonly host: string,
    /**
     * - `failed`: it threw an error
     * - `interrupted`: it ended the run early
     * - `differs`: a setting or its data are not those of the first process
     * - `missing`: it did not answer in time, so that the group cannot be used any more
     */
    readonly kind: "failed" | "interrupted" | "differs" | "missing",
    /** What is wrong with it. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`rank ${rank} on ${host}: ${reason}`, options);
  }
}

/** What the other ranks are told of an error: never empty. */
export const messageOf = (error: unknown): string =>
  display(error instanceof Error ? error.message || error.name : String(error), MESSAGE_BYTES / 4) || "unknown error";
