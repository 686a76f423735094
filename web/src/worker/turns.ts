/** Lets pieces of work that share a model's memory run one after the other, first come first served. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }
}
