import { LstmError } from "../common/errors.js";

/** A sweep cannot begin, or cannot go on. */
export class SweepError extends LstmError {
  override readonly name: string = "SweepError";
}

/** The queue of a sweep cannot be used. */
export class QueueError extends SweepError {
  override readonly name = "QueueError";
}
