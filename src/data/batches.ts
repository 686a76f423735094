import { InputError } from "../errors.js";

/**
 * A sequence of tokens read as B streams side by side: stream b is the b-th of B equal stretches, and a chunk is the
 * next T tokens of every stream with, as targets, the token after each. Up to B tokens at the end of the sequence
 * belong to no stream. The cursor is all the state there is.
 */
export class TokenStreams {
  /** Tokens of one stream in one epoch. */
  readonly streamLength: number;
  /** Steps of the longest chunk. */
  readonly chunkLength: number;
  /** Steps that every stream has been read; {@link streamLength} when the epoch is over. */
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
      throw new InputError(
        `the text is too short: ${batchSize === 1 ? "one stream needs" : `${batchSize} streams need`} at least ` +
          `${batchSize + 1} tokens, got ${tokens.length}` +
          (batchSize > 1 && tokens.length > 1 ? "; use a smaller batchSize" : ""),
      );
    }
    this.chunkLength = sequenceLength === 0 ? this.streamLength : Math.min(sequenceLength, this.streamLength);
  }

  /** Tokens that one epoch trains on. */
  get tokensPerEpoch(): number {
    return this.streamLength * this.batchSize;
  }

  get chunksPerEpoch(): number {
    return Math.ceil(this.streamLength / this.chunkLength);
  }

  /** Steps of the next chunk; 0 when the epoch is over. */
  get nextLength(): number {
    return Math.min(this.chunkLength, this.streamLength - this.cursor);
  }

  /**
   * Writes the next chunk, time-major, and moves the cursor on.
   *
   * @param integers where to write, with room for [nextLength, B] at both offsets
   * @param inputs offset of the inputs
   * @param targets offset of the targets
   */
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
