/**
 * Where the rows of B sequences of unequal length lie: step by step, and at each step only those sequences that have it.
 * They are sorted by length, the longest first, so these are always the first ones (PyTorch's PackedSequence).
 */
export class Packing {
  /** Number of steps, B, and rows in total. */
  readonly T: number;
  readonly B: number;
  readonly rows: number;
  /** [T], the number of sequences that have a step, and the rows before it. */
  readonly counts: Int32Array;
  private readonly starts: Int32Array;

  /** @param lengths descending, each at least 1 */
  constructor(readonly lengths: readonly number[]) {
    this.B = lengths.length;
    this.T = lengths[0]!;
    this.counts = new Int32Array(this.T);
    this.starts = new Int32Array(this.T);
    let rows = 0;
    for (let t = 0, count = this.B; t < this.T; t++) {
      while (lengths[count - 1]! <= t) count--;
      this.counts[t] = count;
      this.starts[t] = rows;
      rows += count;
    }
    this.rows = rows;
  }

  /** The row of step t of sequence b. */
  row(t: number, b: number): number {
    return this.starts[t]! + b;
  }

  /** [B], the row of each sequence's last step. */
  get lastRows(): number[] {
    return this.lengths.map((length, b) => this.row(length - 1, b));
  }

  /** [rows], for each row the one of the same sequence that is as far from the other end. Its own inverse. */
  get reversal(): Int32Array {
    const { lengths, T, counts } = this;
    const reversal = new Int32Array(this.rows);
    for (let t = 0; t < T; t++)
      for (let b = 0; b < counts[t]!; b++) reversal[this.row(t, b)] = this.row(lengths[b]! - 1 - t, b);
    return reversal;
  }
}
