import { display, quote, show } from "./show.js";

/** Longest message, in UTF-16 units. Quoted values are short already; lists of names may not be. */
const LONGEST_MESSAGE = 2000;

/** Base class of all errors of this library. */
export class LstmError extends Error {
  /** The class's name. It identifies the class even across two copies of the library, where `instanceof` fails. */
  override readonly name: string = "LstmError";

  /** Makes the message one line, without terminal control characters. */
  constructor(message: string, options?: ErrorOptions) {
    super(display(message, LONGEST_MESSAGE), options);
  }
}

/** Message for a model that is used after `free`. */
export const FREED = "this model was freed: create a new one";

/** An option does not exist or has an invalid value. */
export class OptionError extends LstmError {
  override readonly name = "OptionError";

  constructor(
    /** The option's name, as in the API. */
    readonly option: string,
    /** What the value may be. */
    readonly expected: string,
    /** The value given. */
    readonly received: unknown,
  ) {
    super(`${option}: expected ${expected}, got ${show(received)}`);
  }

  /** @internal An option that does not exist, and what to write instead, if that is known. */
  static unknown(option: string, received: unknown, instead = ""): OptionError {
    const error = new OptionError(option, "", received);
    error.message = `unknown option ${display(option, 60)}${instead && `: ${instead}`}`;
    return error;
  }
}

/** A text, a token sequence or other input is invalid. */
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
        "use only tokens from the training text, or train on a text that contains it",
    );
  }
}

/**
 * The loss, the gradient or the optimizer's state is no longer finite, the loss has exploded, or what had been learned is
 * lost. The model keeps the parameters of its best epoch or, before the end of the first, those from before the last update.
 */
export class DivergenceError extends LstmError {
  override readonly name = "DivergenceError";

  constructor(
    /** Counted from 1. */
    readonly epoch: number,
    /** The update in which it was found, counted from 1 over all epochs. */
    readonly step: number,
    /** The learning rate of that update. */
    readonly learningRate: number,
    /** The update's loss, summed over its predictions, or the mean loss on the held-out part. */
    readonly loss: number,
    /** L2 norm of all gradients in that update, before clipping. */
    readonly gradientNorm: number,
    /** The reason, unless the loss or the gradient is no longer finite. */
    readonly reason?: string,
    advice = "try a smaller learning rate, or clip the gradients (clipNorm, clipValue)",
  ) {
    super(
      `training diverged in epoch ${epoch}, step ${step}: ${reason ? `${reason}, ` : ""}loss ${short(loss)}, ` +
        `gradient norm ${short(gradientNorm)}, learning rate ${learningRate}. The model keeps the best parameters it had; ${advice}`,
    );
  }
}

/** Four digits of a number that is only read. */
const short = (value: number): number => Number(value.toPrecision(4));

/** A model or a training step does not fit into memory. */
export class OutOfMemoryError extends LstmError {
  override readonly name = "OutOfMemoryError";

  constructor(
    /** Total bytes requested. */
    readonly bytes: number,
    /** What they are for, if known: the bytes of `parameters`, `activations` and so on. */
    readonly breakdown: Readonly<Record<string, number>> = {},
    advice = "use a smaller hiddenSize, batchSize or sequenceLength, or fewer threads or samples",
  ) {
    const parts = Object.entries(breakdown).map(([what, bytes]) => `${mebibytes(bytes)} for ${what}`);
    const purposes = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
    super(`out of memory: ${mebibytes(bytes)} requested${purposes}; ${advice}`);
  }
}

/**
 * @internal Allocates zeros.
 *
 * @throws OutOfMemoryError if the host refuses
 */
export function allocateFloats(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch {
    throw new OutOfMemoryError(4 * length);
  }
}

/** The requested backend is not available here. */
export class BackendError extends LstmError {
  override readonly name = "BackendError";
}

/** A worker thread failed during a training step. The model is as it was before that step. */
export class WorkerError extends LstmError {
  override readonly name = "WorkerError";

  constructor(
    /** The host's error message. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`a worker thread failed: ${reason}. Resume the run to continue; if it fails again, use one thread`, options);
  }
}

/** 3e6 → "3 MiB" */
export const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** A single character's code point, since many look alike. */
function codePoint(token: string): string {
  if (token.length > 2 || [...token].length !== 1) return "";
  const number = token.codePointAt(0) ?? 0;
  return ` (U+${number.toString(16).toUpperCase().padStart(4, "0")})`;
}
