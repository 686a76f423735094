/**
 * The outcomes of any number of promises, as they come. Promise.race would leave a reaction at each of thousands of promises,
 * each time.
 */
export class Arrivals<Value> {
  private readonly outcomes: PromiseSettledResult<Value>[] = [];
  private wake: () => void = () => {};

  add(promise: Promise<Value>): void {
    promise.then(
      (value) => this.arrive({ status: "fulfilled", value }),
      (reason: unknown) => this.arrive({ status: "rejected", reason }),
    );
  }

  /** What has come since the last call; waits until something has. */
  async take(): Promise<PromiseSettledResult<Value>[]> {
    if (this.outcomes.length === 0)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    return this.drain();
  }

  /** The same without waiting. */
  drain(): PromiseSettledResult<Value>[] {
    return this.outcomes.splice(0);
  }

  private arrive(outcome: PromiseSettledResult<Value>): void {
    this.outcomes.push(outcome);
    this.wake();
  }
}
