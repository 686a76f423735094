import { startWorker } from "#platform";
import { FREED, LstmError, WorkerError } from "../common/errors.js";
import { nextTask } from "../common/event-loop.js";
import { Mailbox, type Task } from "./mailbox.js";
import type { WorkerInit } from "./worker.js";

/** How long to wait for a thread before looking whether it is still alive, in milliseconds. */
const POLL_INTERVAL = 20;

/** Tasks that a worker can be given at once. */
export const MAX_TASKS = 256;

/**
 * Threads that compute shards of training steps on the memory of a model. They start once, sleep while there is nothing to
 * do, and do not keep the process alive.
 */
export class WorkerPool {
  private readonly workers: PooledWorker[] = [];
  private failure: LstmError | undefined;
  private terminated: Promise<unknown> = Promise.resolve();

  constructor(private readonly init: Omit<WorkerInit, "mailbox">) {}

  /** Whether a worker has failed: then all are gone, or will be when what they are at is done. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Starts as many workers as are missing.
   *
   * @throws WorkerError where one does not start
   */
  async ensureWorkers(count: number): Promise<void> {
    const missing = Math.max(0, count - this.workers.length);
    const starts = await Promise.allSettled(Array.from({ length: missing }, () => this.start()));
    for (const start of starts) if (start.status === "rejected") this.fail(start.reason);
    if (this.failure) {
      void this.terminate();
      throw this.failure;
    }
  }

  /**
   * Gives tasks, at most {@link MAX_TASKS}, to a worker that has none.
   *
   * @throws as {@link result} does
   */
  submit(worker: number, tasks: readonly Task[]): void {
    if (this.failure) throw this.failure;
    this.workers[worker]!.mailbox.post(tasks);
  }

  /**
   * The loss of a worker's task, once it is done.
   *
   * @param task its index among those that were submitted together
   * @throws WorkerError where a worker has failed
   * @throws LstmError where the model was freed
   */
  async result(worker: number, task: number): Promise<number> {
    const mailbox = this.workers[worker]?.mailbox;
    while (!this.failure && !mailbox!.awaitReply(task, POLL_INTERVAL)) await nextTask();
    if (this.failure) throw this.failure;
    return mailbox!.loss(task);
  }

  /**
   * Waits until no worker computes. The memory of a step that was left half done must not be used for anything else before
   * that: a worker that is terminated may go on for a while, and a page is not told when it has ended.
   */
  async settle(): Promise<void> {
    for (let worker = this.busy; worker; worker = this.busy)
      if (!worker.mailbox.awaitIdle(POLL_INTERVAL)) await nextTask();
    if (this.failure) await this.terminate();
  }

  /** Ends all workers, busy or not: the model's memory will not be used again. */
  terminate(): Promise<unknown> {
    this.failure ??= new LstmError(FREED);
    this.terminated = Promise.all([this.terminated, ...this.workers.splice(0).map(({ terminate }) => terminate())]);
    return this.terminated;
  }

  private async start(): Promise<void> {
    const { layers } = this.init.shape;
    const mailbox = new Mailbox(Mailbox.bytesFor(layers, MAX_TASKS), layers);
    const worker: PooledWorker = { mailbox, hasFailed: false, terminate: () => Promise.resolve() };
    worker.terminate = await startWorker({ ...this.init, mailbox: mailbox.bytes }, (cause) => {
      worker.hasFailed = true;
      this.fail(cause);
    });
    this.workers.push(worker);
  }

  /** A worker that computes. */
  private get busy(): PooledWorker | undefined {
    return this.workers.find(({ mailbox, hasFailed }) => !hasFailed && !mailbox.isIdle);
  }

  private fail(cause: unknown): void {
    this.failure ??= new WorkerError(cause instanceof Error ? cause.message : String(cause), { cause });
    // Otherwise a step is under way, which fails and settles.
    if (!this.busy) void this.terminate();
  }
}

interface PooledWorker {
  readonly mailbox: Mailbox;
  /** Whether it has ended by itself. */
  hasFailed: boolean;
  terminate: () => Promise<unknown>;
}
