/** The second piece of work comes after so many times the least distance at the latest. */
const FIRST = 3;

/** Spaces a repeated piece of work so that it takes no more than a share of the time. */
export class Throttle {
  private next = Number.NEGATIVE_INFINITY;
  private cost: number | undefined;

  /**
   * @param share of the time that the work may take, above 0 to 1
   * @param least milliseconds from one piece to the next
   * @param clock milliseconds
   */
  constructor(
    private readonly share: number,
    private readonly least: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get isDue(): boolean {
    return this.clock() >= this.next;
  }

  /** Does the work, and settles by its cost when it is due again. */
  async spend<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const start = this.clock();
    try {
      return await work();
    } finally {
      const end = this.clock();
      // Of two costs in a row the lower counts: on a busy machine any piece may have had to wait. The first comes alone.
      const cost = Math.min(end - start, this.cost ?? this.least * this.share * FIRST);
      this.cost = end - start;
      this.next = Math.max(start + this.least, end + cost * (1 / this.share - 1));
    }
  }
}
