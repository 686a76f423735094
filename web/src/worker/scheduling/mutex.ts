/** Runs pieces of work one at a time, in the order of their requests. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  runExclusive<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }
}
