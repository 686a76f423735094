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
  private readonly mailboxes: Mailbox[] = [];
  private readonly terminators: (() => void)[] = [];
  private failure: LstmError | undefined;

  constructor(private readonly init: Omit<WorkerInit, "mailbox">) {}

  /** Whether a thread has failed: then all are gone. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Starts as many threads as are missing.
   *
   * @throws WorkerError where one does not start
   */
  async ensureWorkers(count: number): Promise<void> {
    const missing = Math.max(0, count - this.mailboxes.length);
    const mailboxes = Array.from({ length: missing }, () => new Mailbox(Mailbox.bytesFor(this.init.shape.layers)));
    const started = await Promise.allSettled(
      mailboxes.map(({ bytes: mailbox }) => startThread({ ...this.init, mailbox }, (cause) => this.fail(cause))),
    );
    for (const start of started) if (start.status === "fulfilled") this.terminators.push(start.value);
    for (const start of started) if (start.status === "rejected") this.fail(start.reason);
    if (this.failure) {
      this.terminate();
      throw this.failure;
    }
    this.mailboxes.push(...mailboxes);
  }

  /** Gives a task to a thread that has none. */
  submit(thread: number, task: Task): void {
    this.mailboxes[thread]!.post(task);
  }

  /**
   * The loss that a thread found.
   *
   * @throws WorkerError where a thread has failed
   * @throws LstmError where the model was freed
   */
  async result(thread: number): Promise<number> {
    const mailbox = this.mailboxes[thread]!;
    while (!mailbox.awaitReply(POLL_INTERVAL)) {
      await nextTask();
      if (this.failure) throw this.failure;
    }
    return mailbox.loss;
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
