import { display, quote, show } from "./show.js";

/** UTF-16 units of a message. What it quotes is short already; names in a row need not be. */
const LONGEST_MESSAGE = 2000;

/** What every error of this library is an instance of. */
export class LstmError extends Error {
  /** The class's name. It tells errors apart where `instanceof` cannot: between two copies of the library. */
  override readonly name: string = "LstmError";

  /** The message is one line, without characters that would do something to a terminal. */
  constructor(message: string, options?: ErrorOptions) {
    super(display(message, LONGEST_MESSAGE), options);
  }
}

/** What is said of a model that is used after `free`. */
export const FREED = "this model was freed: make a new one";

/** An option has a value that it cannot have. */
export class OptionError extends LstmError {
  override readonly name = "OptionError";

  constructor(
    /** The option's name, as in the API. */
    readonly option: string,
    expected: string,
    /** The value that came. */
    readonly received: unknown,
  ) {
    super(`${option}: expected ${expected}, got ${show(received)}`);
  }

  /** @internal An option that does not exist. */
  static unknown(option: string, received: unknown, nearest: string | undefined): OptionError {
    const error = new OptionError(option, "", received);
    error.message = `there is no option ${display(option, 60)}${nearest === undefined ? "" : `: did you mean ${nearest}?`}`;
    return error;
  }
}

/** A text, token or other input cannot be used. */
export class InputError extends LstmError {
  override readonly name = "InputError";
}

/** A character or word is not in the vocabulary. */
export class UnknownTokenError extends LstmError {
  override readonly name = "UnknownTokenError";

  constructor(
    /** What is not in the vocabulary. */
    readonly token: string,
    /** Its index in the input, counted in tokens from 0. */
    readonly position: number,
  ) {
    super(
      `${quote(token)}${codePoint(token)} at position ${position} is not in the vocabulary: ` +
        "use only what the model was trained on, or train on a text that has it",
    );
  }
}

/**
 * The loss, the gradient or the optimiser's state is no longer finite, or the loss has exploded. The model keeps the last good
 * parameters.
 */
export class DivergenceError extends LstmError {
  override readonly name = "DivergenceError";

  constructor(
    /** Counted from 1. */
    readonly epoch: number,
    /** The update in which it was found, counted from 1 over all epochs. */
    readonly step: number,
    /** That of this update. */
    readonly learningRate: number,
    /** The update's loss, summed over its predictions, or the mean loss on the held-out part. */
    readonly loss: number,
    /** L2 norm of all gradients in the last update, before clipping. */
    readonly gradientNorm: number,
    /** What happened, where it is not that the loss or the gradient stopped being finite. */
    readonly reason?: string,
  ) {
    super(
      `training diverged in epoch ${epoch}, step ${step}: ${reason ? `${reason}, ` : ""}loss ${loss}, gradient norm ${gradientNorm}, ` +
        `learning rate ${learningRate}. The model has its last good parameters; ` +
        "try a smaller learning rate, or clip the gradients (clipNorm, clipValue)",
    );
  }
}

/** The host has not got the memory that a model or a training step needs. */
export class OutOfMemoryError extends LstmError {
  override readonly name = "OutOfMemoryError";

  constructor(
    /** Bytes that were wanted in all. */
    readonly bytes: number,
  ) {
    super(
      `${Math.ceil(bytes / 2 ** 20)} MiB of memory are needed and not to be had: ` +
        "use a smaller hiddenSize, batchSize or sequenceLength, or fewer threads",
    );
  }
}

/** The backend that was asked for does not run here. */
export class BackendError extends LstmError {
  override readonly name = "BackendError";
}

/** A thread that computed a part of a training step has failed. The model is as it was before that step. */
export class WorkerError extends LstmError {
  override readonly name = "WorkerError";

  constructor(
    /** What the host says. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `a thread has failed: ${reason}. The run can be resumed from here; with one thread, if it fails again`,
      options,
    );
  }
}

/** Of a single character, its number, since many look alike. */
function codePoint(token: string): string {
  if (token.length > 2 || [...token].length !== 1) return "";
  const number = token.codePointAt(0) ?? 0;
  return ` (U+${number.toString(16).toUpperCase().padStart(4, "0")})`;
}
