import { startThread } from "#platform";
import { FREED, LstmError, ThreadError } from "../errors.js";
import { turn } from "../pause.js";
import { Desk, type Task } from "./desk.js";
import type { Duty } from "./serve.js";

/** How long to wait for a thread before looking whether it is still alive, in milliseconds. */
const PATIENCE = 20;

/**
 * Threads that compute parts of training steps on the memory of a model. They start once, sleep while there is nothing to
 * do, and do not keep the process alive.
 */
export class Crew {
  private readonly threads: Thread[] = [];
  private failure: LstmError | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  constructor(private readonly duty: Omit<Duty, "desk">) {}

  /** Whether a thread has failed: then all are gone, or will be when what they are at is done. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Starts as many threads as are missing.
   *
   * @throws ThreadError where one does not start
   */
  async muster(count: number): Promise<void> {
    const missing = Math.max(0, count - this.threads.length);
    const starts = await Promise.allSettled(Array.from({ length: missing }, () => this.start()));
    for (const start of starts) if (start.status === "rejected") this.fail(start.reason);
    if (this.failure) {
      void this.end();
      throw this.failure;
    }
  }

  /**
   * Gives a task to a thread that has none.
   *
   * @throws as {@link answer} does
   */
  ask(thread: number, task: Task): void {
    if (this.failure) throw this.failure;
    this.threads[thread]!.desk.ask(task);
  }

  /**
   * The loss that a thread found.
   *
   * @throws ThreadError where a thread has failed
   * @throws LstmError where the model was freed
   */
  async answer(thread: number): Promise<number> {
    const desk = this.threads[thread]?.desk;
    while (!this.failure && !desk!.awaitAnswer(PATIENCE)) await turn();
    if (this.failure) throw this.failure;
    return desk!.loss;
  }

  /**
   * Waits until no thread is at work. After a step that was left half done, its memory must not be used for anything else
   * before that: a thread that is told to end may go on for a while, and a page is not told when it has ended.
   */
  async settle(): Promise<void> {
    for (let thread = this.busy; thread; thread = this.busy) if (!thread.desk.awaitAnswer(PATIENCE)) await turn();
    if (this.failure) await this.end();
  }

  /** Ends all threads, at work or not: the model's memory will not be used again. */
  end(): Promise<unknown> {
    this.failure ??= new LstmError(FREED);
    this.ended = Promise.all([this.ended, ...this.threads.splice(0).map(({ end }) => end())]);
    return this.ended;
  }

  private async start(): Promise<void> {
    const desk = new Desk(Desk.bytesFor(this.duty.shape.layers));
    const thread: Thread = { desk, hasFailed: false, end: () => Promise.resolve() };
    thread.end = await startThread({ ...this.duty, desk: desk.bytes }, (cause) => {
      thread.hasFailed = true;
      this.fail(cause);
    });
    this.threads.push(thread);
  }

  /** A thread that is at work. */
  private get busy(): Thread | undefined {
    return this.threads.find(({ desk, hasFailed }) => !hasFailed && !desk.isDone);
  }

  private fail(cause: unknown): void {
    this.failure ??= new ThreadError(cause instanceof Error ? cause.message : String(cause), { cause });
    // Otherwise a step is under way, which fails and settles.
    if (!this.busy) void this.end();
  }
}

interface Thread {
  readonly desk: Desk;
  /** Whether it has ended by itself. */
  hasFailed: boolean;
  end: () => Promise<unknown>;
}
