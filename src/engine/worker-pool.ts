import { startThread } from "#platform";
import { FREED, LstmError, WorkerError } from "../common/errors.js";
import { nextTask } from "../common/event-loop.js";
import { Mailbox, type Task } from "./mailbox.js";
import type { WorkerInit } from "./worker.js";

/** How long to wait for a thread before looking whether it is still alive, in milliseconds. */
const POLL_INTERVAL = 20;

/**
 * Threads that compute parts of training steps on the memory of a model. They start once, sleep while there is nothing to
 * do, and do not keep the process alive.
 */
export class WorkerPool {
  private readonly workers: PooledWorker[] = [];
  private failure: LstmError | undefined;
  private terminated: Promise<unknown> = Promise.resolve();

  constructor(private readonly init: Omit<WorkerInit, "mailbox">) {}

  /** Whether a thread has failed: then all are gone, or will be when what they are at is done. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Starts as many threads as are missing.
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
   * Gives a task to a thread that has none.
   *
   * @throws as {@link result} does
   */
  submit(thread: number, task: Task): void {
    if (this.failure) throw this.failure;
    this.workers[thread]!.mailbox.post(task);
  }

  /**
   * The loss that a thread found.
   *
   * @throws WorkerError where a thread has failed
   * @throws LstmError where the model was freed
   */
  async result(thread: number): Promise<number> {
    const mailbox = this.workers[thread]?.mailbox;
    while (!this.failure && !mailbox!.awaitReply(POLL_INTERVAL)) await nextTask();
    if (this.failure) throw this.failure;
    return mailbox!.loss;
  }

  /**
   * Waits until no thread is at work. After a step that was left half done, its memory must not be used for anything else
   * before that: a thread that is told to end may go on for a while, and a page is not told when it has ended.
   */
  async settle(): Promise<void> {
    for (let worker = this.busy; worker; worker = this.busy)
      if (!worker.mailbox.awaitReply(POLL_INTERVAL)) await nextTask();
    if (this.failure) await this.terminate();
  }

  /** Ends all threads, at work or not: the model's memory will not be used again. */
  terminate(): Promise<unknown> {
    this.failure ??= new LstmError(FREED);
    this.terminated = Promise.all([this.terminated, ...this.workers.splice(0).map(({ terminate }) => terminate())]);
    return this.terminated;
  }

  private async start(): Promise<void> {
    const mailbox = new Mailbox(Mailbox.bytesFor(this.init.shape.layers));
    const worker: PooledWorker = { mailbox, hasFailed: false, terminate: () => Promise.resolve() };
    worker.terminate = await startThread({ ...this.init, mailbox: mailbox.bytes }, (cause) => {
      worker.hasFailed = true;
      this.fail(cause);
    });
    this.workers.push(worker);
  }

  /** A thread that is at work. */
  private get busy(): PooledWorker | undefined {
    return this.workers.find(({ mailbox, hasFailed }) => !hasFailed && !mailbox.isDone);
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
