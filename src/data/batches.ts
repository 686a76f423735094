import { InputError } from "../common/errors.js";
import type { Packing } from "../network/packing.js";

/** The memory that a chunk is written to. */
export interface BatchMemory {
  readonly floats: Float32Array;
  readonly integers: Int32Array;
}

/** Where in it, as byte addresses, as in the plan of a pass. */
export interface BatchPlan {
  readonly inputs: number;
  readonly targets: number;
  /** 0 if all weights are 1. */
  readonly weights: number;
  /** How sequences of unequal length lie in the rows. */
  readonly packing?: Packing;
}

/** A part of a chunk. */
export interface Slice {
  /** The first step, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Of the chunk's sequences, `count`: every `stride`-th from `first` on. */
  readonly first: number;
  readonly stride: number;
  readonly count: number;
}

/** Data split into chunks for training: T steps of B sequences, time-major, with their targets. */
export interface Batches {
  /** The largest B. */
  readonly batchSize: number;
  /** The largest T. */
  readonly chunkLength: number;
  /** Whether every step of a chunk has a target, or only the last one. */
  readonly returnSequences: boolean;
  /** Whether a chunk's sequences continue those of the chunk before. */
  readonly continuous: boolean;
  /** Whether sequences of a chunk can differ in length. */
  readonly ragged: boolean;
  /** Whether outputs have weights. */
  readonly weighted: boolean;
  readonly chunksPerEpoch: number;
  /** Predictions in an epoch, each as often as its weight says. */
  readonly predictionsPerEpoch: number;
  /** The position in the epoch, 0 at its start. Set it to continue from there. */
  cursor: number;
  /** Whether this is a valid position within an epoch. */
  isCursor(cursor: number): boolean;
  /** T of the next chunk; 0 at the end of the epoch. */
  readonly nextLength: number;
  /** B of the next chunk. */
  readonly nextBatchSize: number;
  /** The lengths of the next chunk's sequences, descending, unless all are {@link nextLength}. */
  readonly nextLengths?: readonly number[] | undefined;
  /** The number of steps of all sequences of the next chunk. */
  readonly nextSteps: number;
  /** The predictions in the next chunk, each as often as its weight says. */
  readonly nextPredictions: number;
  /** The most steps that `count` sequences of a chunk can have together. */
  mostSteps(count: number): number;
  /** Sets the order of an epoch, if orders differ between epochs. `key` is an integer below 2³². */
  shuffle?(key: number): void;
  /** Writes a part of the next chunk. With one target per sequence, a target comes with the sequence's last step. */
  write(memory: BatchMemory, plan: BatchPlan, slice: Slice): void;
  /** Moves the cursor behind the next chunk. */
  advance(): void;
}

/** Chunks of a text. Their predictions have an order, that of the text. */
export interface TextBatches extends Batches {
  /** The position in the text of the prediction of step t of sequence b of the next chunk. */
  positionOf(t: number, b: number): number;
}

/**
 * A sequence of tokens read as B streams side by side: stream b is the b-th of B equal segments, a chunk is the next T
 * tokens of every stream, and each token's target is the one after it. Up to B tokens at the end of the sequence are in
 * no stream. The cursor counts steps.
 */
export class TokenStreams implements TextBatches {
  readonly returnSequences = true;
  readonly continuous = true;
  readonly ragged = false;
  readonly weighted = false;
  /** Steps of one stream in one epoch. */
  readonly streamLength: number;
  readonly chunkLength: number;
  cursor = 0;

  /**
   * @param sequenceLength T; 0 takes a whole stream at once
   * @throws InputError if the sequence is too short for one step of every stream
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

  get predictionsPerEpoch(): number {
    return this.streamLength * this.batchSize;
  }

  get chunksPerEpoch(): number {
    return Math.ceil(this.streamLength / this.chunkLength);
  }

  get nextLength(): number {
    return Math.min(this.chunkLength, this.streamLength - this.cursor);
  }

  get nextBatchSize(): number {
    return this.batchSize;
  }

  get nextSteps(): number {
    return this.nextLength * this.batchSize;
  }

  get nextPredictions(): number {
    return this.nextSteps;
  }

  mostSteps(count: number): number {
    return count * this.chunkLength;
  }

  isCursor(cursor: number): boolean {
    return cursor < this.streamLength && cursor % this.chunkLength === 0;
  }

  positionOf(t: number, b: number): number {
    return b * this.streamLength + this.cursor + t;
  }

  write({ integers }: BatchMemory, { inputs, targets }: BatchPlan, { from, to, first, stride, count }: Slice): void {
    const { tokens, streamLength, cursor } = this;
    for (let b = 0; b < count; b++) {
      const start = (first + b * stride) * streamLength + cursor + from;
      for (let t = 0; t < to - from; t++) {
        integers[inputs / 4 + t * count + b] = tokens[start + t]!;
        integers[targets / 4 + t * count + b] = tokens[start + t + 1]!;
      }
    }
  }

  advance(): void {
    this.cursor += this.nextLength;
  }
}
