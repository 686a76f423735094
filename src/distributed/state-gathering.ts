import type { State } from "../engine/engine.js";
import { padded } from "../kernels/kernels.js";
import { type Range, rangeOf } from "../training/split.js";
import { lasting, type Mpi, type Parts, partsOf, type Request } from "./mpi.js";

/** Collects the state of all sequences in rank 0, which saves it. Each rank has that of the sequences of its shards. */
export class StateGathering {
  /** The sequences of each rank. */
  private readonly sequences: readonly Range[];
  private readonly parts: Parts;
  private readonly mine: Float32Array;
  /** Of all ranks, one after another; empty but in rank 0. */
  private readonly all: Float32Array;
  private readonly H: number;

  /**
   * @param shards that B sequences are split into
   * @param length floats in the state of all: [blocks, B, H]
   */
  constructor(
    private readonly mpi: Mpi,
    readonly shards: number,
    readonly B: number,
    private readonly length: number,
    hiddenSize: number,
  ) {
    const { size, rank } = mpi;
    this.H = padded(hiddenSize);
    const first = (shard: number) => rangeOf(B, shards, shard).start;
    this.sequences = Array.from({ length: size }, (_, r) => {
      const { start, end } = rangeOf(shards, size, r);
      return { start: first(start), end: first(end) };
    });
    const floats = ({ start, end }: Range) => ((end - start) * length) / B;
    this.parts = partsOf(size, (r) => {
      const range = this.sequences[r]!;
      return { start: (range.start * length) / B, count: floats(range) };
    });
    this.mine = lasting.floats(floats(this.sequences[rank]!));
    this.all = lasting.floats(rank === 0 ? length : 0);
  }

  /** Starts to collect the states. */
  begin(state: State): Request {
    const { mpi, mine, all, parts } = this;
    this.copy(this.sequences[mpi.rank]!, (at, size, packed) => mine.set(state.subarray(at, at + size), packed));
    return mpi.gather(mine, all, parts);
  }

  /** Puts the states of the others in their place. */
  finish(state: State): void {
    const { mpi, all, parts, sequences } = this;
    if (mpi.rank > 0) return;
    for (let rank = 1; rank < mpi.size; rank++)
      this.copy(sequences[rank]!, (at, size, packed) => {
        const from = parts.starts[rank]! + packed;
        state.set(all.subarray(from, from + size), at);
      });
  }

  /** Calls `move` for the floats of these sequences in each block, with where these are in the state and by themselves. */
  private copy({ start, end }: Range, move: (at: number, size: number, packed: number) => void): void {
    const { H, B, length } = this;
    const size = (end - start) * H;
    for (let block = 0; block < length / (B * H); block++) move((block * B + start) * H, size, block * size);
  }
}
