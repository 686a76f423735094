import { InputError } from "../errors.js";

/** A text cut into chunks for training: T steps of B sequences at a time, time-major, each with its targets. */
export interface Batches {
  /** B */
  readonly batchSize: number;
  /** T of the longest chunk. */
  readonly chunkLength: number;
  /** Whether every step of a chunk has a target, or only the last. */
  readonly scored: "every" | "last";
  /** Whether a chunk's sequences go on where the last chunk's ended. */
  readonly continuous: boolean;
  readonly chunksPerEpoch: number;
  /** How far the epoch has come: 0 at its start. Set it to go on from there. All the state there is. */
  cursor: number;
  /** T of the next chunk; 0 when the epoch is over. */
  readonly nextLength: number;
  /**
   * Writes the next chunk and moves the cursor on.
   *
   * @param integers where to write: the inputs from element `inputs` on, [T, B], the targets from `targets` on, [T, B] or,
   *   where only the last step is scored, [B]
   */
  read(integers: Int32Array, inputs: number, targets: number): void;
}

/**
 * A sequence of tokens read as B streams side by side: stream b is the b-th of B equal stretches, a chunk is the next T
 * tokens of every stream, and each token's target is the one after it. Up to B tokens at the end of the sequence belong
 * to no stream. The cursor counts steps.
 */
export class TokenStreams implements Batches {
  readonly scored = "every";
  readonly continuous = true;
  /** Steps of one stream in one epoch. */
  readonly streamLength: number;
  readonly chunkLength: number;
  cursor = 0;

  /**
   * @param sequenceLength T; 0 takes a whole stream at once
   * @throws InputError where the sequence is too short for one step of every stream
   */
  constructor(
    private readonly tokens: Int32Array,
    readonly batchSize: number,
    sequenceLength: number,
  ) {
    this.streamLength = Math.floor((tokens.length - 1) / batchSize);
    if (this.streamLength < 1) {
      const streams = batchSize === 1 ? "one stream needs" : `${batchSize} streams need`;
      const advice = batchSize > 1 && tokens.length > 1 ? "; use a smaller batchSize" : "";
      throw new InputError(
        `the text is too short: ${streams} at least ${batchSize + 1} tokens, got ${tokens.length}${advice}`,
      );
    }
    this.chunkLength = sequenceLength === 0 ? this.streamLength : Math.min(sequenceLength, this.streamLength);
  }

  /** Predictions that one epoch makes. */
  get tokensPerEpoch(): number {
    return this.streamLength * this.batchSize;
  }

  get chunksPerEpoch(): number {
    return Math.ceil(this.streamLength / this.chunkLength);
  }

  get nextLength(): number {
    return Math.min(this.chunkLength, this.streamLength - this.cursor);
  }

  read(integers: Int32Array, inputs: number, targets: number): void {
    const { tokens, batchSize, streamLength } = this;
    const length = this.nextLength;
    for (let b = 0; b < batchSize; b++) {
      const from = b * streamLength + this.cursor;
      for (let t = 0; t < length; t++) {
        integers[inputs + t * batchSize + b] = tokens[from + t]!;
        integers[targets + t * batchSize + b] = tokens[from + t + 1]!;
      }
    }
    this.cursor += length;
  }
}

/**
 * Every window of W tokens, with the token after it as its only target, B windows at a time from the front of the
 * sequence to its end; up to B − 1 windows at the end are left out. The cursor counts windows.
 */
export class TokenWindows implements Batches {
  readonly scored = "last";
  readonly continuous = false;
  readonly chunksPerEpoch: number;
  cursor = 0;

  /**
   * @param chunkLength W
   * @throws InputError where the sequence is too short for B windows
   */
  constructor(
    private readonly tokens: Int32Array,
    readonly batchSize: number,
    readonly chunkLength: number,
  ) {
    this.chunksPerEpoch = Math.floor((tokens.length - chunkLength) / batchSize);
    if (this.chunksPerEpoch < 1)
      throw new InputError(
        `the text is too short: ${batchSize === 1 ? "a window" : `${batchSize} windows`} of ${chunkLength} tokens with ` +
          `the token after it need at least ${chunkLength + batchSize} tokens, got ${tokens.length}`,
      );
  }

  get nextLength(): number {
    return this.cursor < this.chunksPerEpoch * this.batchSize ? this.chunkLength : 0;
  }

  read(integers: Int32Array, inputs: number, targets: number): void {
    const { tokens, batchSize, chunkLength, cursor } = this;
    for (let b = 0; b < batchSize; b++) {
      for (let t = 0; t < chunkLength; t++) integers[inputs + t * batchSize + b] = tokens[cursor + b + t]!;
      integers[targets + b] = tokens[cursor + b + chunkLength]!;
    }
    this.cursor += batchSize;
  }
}
