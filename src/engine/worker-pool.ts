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
  private readonly mailboxes: Mailbox[] = [];
  private readonly terminators: (() => void)[] = [];
  private failure: LstmError | undefined;

  constructor(private readonly init: Omit<WorkerInit, "mailbox">) {}

  /** Whether a thread has failed: then all are gone. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Starts as many workers as are missing.
   *
   * @throws WorkerError where one does not start
   */
  async ensureWorkers(count: number): Promise<void> {
    const missing = Math.max(0, count - this.mailboxes.length);
    const { layers } = this.init.shape;
    const mailboxes = Array.from({ length: missing }, () => new Mailbox(Mailbox.bytesFor(layers, MAX_TASKS), layers));
    const started = await Promise.allSettled(
      mailboxes.map(({ bytes: mailbox }) => startWorker({ ...this.init, mailbox }, (cause) => this.fail(cause))),
    );
    for (const start of started) if (start.status === "fulfilled") this.terminators.push(start.value);
    for (const start of started) if (start.status === "rejected") this.fail(start.reason);
    if (this.failure) {
      this.terminate();
      throw this.failure;
    }
    this.mailboxes.push(...mailboxes);
  }

  /** Gives tasks, at most {@link MAX_TASKS}, to a worker that has none. */
  submit(worker: number, tasks: readonly Task[]): void {
    this.mailboxes[worker]!.post(tasks);
  }

  /**
   * The loss of a worker's task, once it is done.
   *
   * @param task its index among those that were submitted together
   * @throws WorkerError where a worker has failed
   * @throws LstmError where the model was freed
   */
  async result(worker: number, task: number): Promise<number> {
    const mailbox = this.mailboxes[worker]!;
    while (!mailbox.awaitReply(task, POLL_INTERVAL)) {
      await nextTask();
      if (this.failure) throw this.failure;
    }
    return mailbox.loss(task);
  }

  /** Ends all threads. */
  terminate(): void {
    this.failure ??= new LstmError(FREED);
    for (const end of this.terminators.splice(0)) end();
  }

  private fail(cause: unknown): void {
    this.failure ??= new WorkerError(cause instanceof Error ? cause.message : String(cause), { cause });
    this.terminate();
  }
}
