import { startThread } from "#platform";
import { FREED, LstmError, ThreadError } from "../common/errors.js";
import { turn } from "../common/event-loop.js";
import { Desk, type Task } from "./mailbox.js";
import type { Duty } from "./worker.js";

/** How long to wait for a thread before looking whether it is still alive, in milliseconds. */
const PATIENCE = 20;

/**
 * Threads that compute parts of training steps on the memory of a model. They start once, sleep while there is nothing to
 * do, and do not keep the process alive.
 */
export class Crew {
  private readonly desks: Desk[] = [];
  private readonly ends: (() => void)[] = [];
  private failure: LstmError | undefined;

  constructor(private readonly duty: Omit<Duty, "desk">) {}

  /** Whether a thread has failed: then all are gone. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Starts as many threads as are missing.
   *
   * @throws ThreadError where one does not start
   */
  async muster(count: number): Promise<void> {
    const missing = Math.max(0, count - this.desks.length);
    const desks = Array.from({ length: missing }, () => new Desk(Desk.bytesFor(this.duty.shape.layers)));
    const started = await Promise.allSettled(
      desks.map(({ bytes: desk }) => startThread({ ...this.duty, desk }, (cause) => this.fail(cause))),
    );
    for (const start of started) if (start.status === "fulfilled") this.ends.push(start.value);
    for (const start of started) if (start.status === "rejected") this.fail(start.reason);
    if (this.failure) {
      this.end();
      throw this.failure;
    }
    this.desks.push(...desks);
  }

  /** Gives a task to a thread that has none. */
  ask(thread: number, task: Task): void {
    this.desks[thread]!.ask(task);
  }

  /**
   * The loss that a thread found.
   *
   * @throws ThreadError where a thread has failed
   * @throws LstmError where the model was freed
   */
  async answer(thread: number): Promise<number> {
    const desk = this.desks[thread]!;
    while (!desk.awaitAnswer(PATIENCE)) {
      await turn();
      if (this.failure) throw this.failure;
    }
    return desk.loss;
  }

  /** Ends all threads. */
  end(): void {
    this.failure ??= new LstmError(FREED);
    for (const end of this.ends.splice(0)) end();
  }

  private fail(cause: unknown): void {
    this.failure ??= new ThreadError(cause instanceof Error ? cause.message : String(cause), { cause });
    this.end();
  }
}
