/** The second run comes after at most this many intervals, however long the first took. */
const FIRST_LIMIT = 3;

/** Limits repeated work to a share of the time. */
export class Throttle {
  private next = Number.NEGATIVE_INFINITY;
  private cost: number | undefined;

  /**
   * @param share of the time that the work may take, above 0 to 1
   * @param interval milliseconds from the start of one run to the start of the next, at least
   * @param clock milliseconds
   */
  constructor(
    private readonly share: number,
    private readonly interval: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get isDue(): boolean {
    return this.clock() >= this.next;
  }

  /** Does the work, then schedules the next run by what this one cost. */
  async run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const start = this.clock();
    try {
      return await work();
    } finally {
      const end = this.clock();
      // The lower of two costs in a row counts, since a busy machine may delay any single run. The first has no other.
      const cost = Math.min(end - start, this.cost ?? this.interval * this.share * FIRST_LIMIT);
      this.cost = end - start;
      this.next = Math.max(start + this.interval, end + cost * (1 / this.share - 1));
    }
  }
}
