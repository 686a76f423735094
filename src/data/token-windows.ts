import { InputError } from "../common/errors.js";
import type { BatchMemory, BatchPlan, Slice, TextBatches } from "./batches.js";

// Fetched by models with a window.

/**
 * Every window of W tokens, with the token after it as its only target, B windows at a time, in order; the last chunk of
 * an epoch may have fewer. The cursor counts windows.
 */
export class TokenWindows implements TextBatches {
  readonly returnSequences = false;
  readonly continuous = false;
  readonly ragged = false;
  readonly weighted = false;
  readonly predictionsPerEpoch: number;
  readonly batchSize: number;
  cursor = 0;

  /**
   * @param batchSize B, or fewer where there are not so many windows
   * @param chunkLength W
   * @throws InputError if the sequence is too short for a window
   */
  constructor(
    private readonly tokens: Int32Array,
    batchSize: number,
    readonly chunkLength: number,
  ) {
    this.predictionsPerEpoch = tokens.length - chunkLength;
    if (this.predictionsPerEpoch < 1)
      throw new InputError(
        `the text is too short: a window of ${chunkLength} tokens and the token after it need at least ` +
          `${chunkLength + 1} tokens, got ${tokens.length}`,
      );
    this.batchSize = Math.min(batchSize, this.predictionsPerEpoch);
  }

  get chunksPerEpoch(): number {
    return Math.ceil(this.predictionsPerEpoch / this.batchSize);
  }

  get nextLength(): number {
    return this.cursor < this.predictionsPerEpoch ? this.chunkLength : 0;
  }

  get nextBatchSize(): number {
    return Math.min(this.batchSize, this.predictionsPerEpoch - this.cursor);
  }

  get nextSteps(): number {
    return this.nextLength * this.nextBatchSize;
  }

  get nextPredictions(): number {
    return this.nextBatchSize;
  }

  mostSteps(count: number): number {
    return count * this.chunkLength;
  }

  isCursor(cursor: number): boolean {
    return cursor < this.predictionsPerEpoch && cursor % this.batchSize === 0;
  }

  positionOf(_t: number, b: number): number {
    return this.cursor + b;
  }

  write({ integers }: BatchMemory, { inputs, targets }: BatchPlan, { from, to, first, stride, count }: Slice): void {
    const { tokens, chunkLength, cursor } = this;
    for (let b = 0; b < count; b++) {
      const start = cursor + first + b * stride;
      for (let t = from; t < to; t++) integers[inputs / 4 + (t - from) * count + b] = tokens[start + t]!;
      if (to === chunkLength) integers[targets / 4 + b] = tokens[start + chunkLength]!;
    }
  }

  advance(): void {
    this.cursor += this.nextBatchSize;
  }
}
