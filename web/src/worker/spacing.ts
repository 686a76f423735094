/** Spaces a repeated piece of work so that it takes no more than a share of the time. */
export class Spacing {
  private next = Number.NEGATIVE_INFINITY;

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
      this.next = Math.max(start + this.least, end + (end - start) * (1 / this.share - 1));
    }
  }
}
