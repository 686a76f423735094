import { startWorker } from "#start-worker";
import { FREED, LstmError, WorkerError } from "../common/errors.js";
import { nextTask } from "../common/event-loop.js";
import type { PassPlan } from "../network/plan.js";
import type { Thread } from "../platform/platform.js";
import { Mailbox, type Task } from "./mailbox.js";
import type { Pass } from "./pass.js";
import type { WorkerInit } from "./worker.js";

/** How often to check that an awaited thread is still alive, in milliseconds. */
const POLL_INTERVAL = 20;

/** Most tasks of a worker at a time. */
export const MAX_TASKS = 256;

/**
 * Threads that compute shards of training steps, forward passes, and texts in the memory of a model. They start once, sleep when
 * idle, and do not keep the process alive.
 */
export class WorkerPool {
  private readonly workers: PooledWorker[] = [];
  private failure: LstmError | undefined;
  private terminated: Promise<unknown> = Promise.resolve();
  private lastTurn: Promise<void> = Promise.resolve();

  constructor(private readonly init: Omit<WorkerInit, "mailbox">) {}

  /** Whether a worker has failed. Then all have ended, or will after their current task. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /** Whether no worker has a task. */
  get isIdle(): boolean {
    return this.busy === undefined;
  }

  /**
   * Starts the missing workers.
   *
   * @throws WorkerError if one does not start
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
   * Waits for the turn to submit tasks, submits some, and waits for them: a worker has those of one caller at a time. When it
   * fails, no worker is busy, as they must not write into memory that is reused.
   */
  private async inTurn(work: () => Promise<void>): Promise<void> {
    const { promise, resolve: endTurn } = newTurn();
    const before = this.lastTurn;
    this.lastTurn = promise;
    await before;
    try {
      await work();
    } catch (error) {
      await this.settle();
      throw error;
    } finally {
      endTurn();
    }
  }

  /**
   * Submits at most {@link MAX_TASKS} tasks to an idle worker.
   *
   * @throws as {@link result}
   */
  submit(worker: number, tasks: readonly Task[]): void {
    if (this.failure) throw this.failure;
    this.workers[worker]!.mailbox.post(tasks);
  }

  /**
   * Waits for a worker's task, and returns its loss.
   *
   * @param task its index among the tasks submitted together
   * @throws WorkerError if a worker has failed
   * @throws LstmError if the model was freed
   */
  async result(worker: number, task: number): Promise<number> {
    const mailbox = this.workers[worker]?.mailbox;
    while (!this.failure && !mailbox!.awaitReply(task, POLL_INTERVAL)) await nextTask();
    if (this.failure) throw this.failure;
    return mailbox!.loss(task);
  }

  /**
   * Waits until no worker is busy. The memory of an aborted step must not be reused before that: a terminated worker
   * may run on for a while, and a page cannot tell when it has ended.
   */
  async settle(): Promise<void> {
    for (let worker = this.busy; worker; worker = this.busy)
      if (!worker.mailbox.awaitIdle(POLL_INTERVAL)) await nextTask();
    if (this.failure) await this.terminate();
  }

  /**
   * Computes passes on some threads, this one included: adjacent ones on the same, the first on this. Their results are taken in
   * their order.
   *
   * @param compute a pass on this thread
   * @param address of the i-th pass of the workers
   * @param taskOf a worker's pass: by default the forward pass alone
   * @throws as {@link result}
   */
  run<Each extends Pass>(
    passes: readonly Each[],
    threads: number,
    compute: (pass: Each) => void,
    address: (i: number) => number,
    taskOf: (plan: PassPlan, pass: Each) => Task = forwardTask,
  ): Promise<void> {
    return this.inTurn(async () => {
      const count = Math.min(threads, passes.length);
      const ends = Array.from({ length: count + 1 }, (_, i) => Math.ceil((i * passes.length) / count));
      const own = ends[1]!;
      const plans = passes.slice(own).map((pass, i) => {
        const plan = pass.plan(address(i));
        pass.write(plan);
        return plan;
      });
      for (let thread = 1; thread < count; thread++)
        this.submit(
          thread - 1,
          passes
            .slice(ends[thread]!, ends[thread + 1]!)
            .map((pass, i) => taskOf(plans[ends[thread]! - own + i]!, pass)),
        );
      for (const pass of passes.slice(0, own)) compute(pass);
      for (let thread = 1; thread < count; thread++)
        for (let i = ends[thread]!; i < ends[thread + 1]!; i++) {
          const loss = await this.result(thread - 1, i - ends[thread]!);
          passes[i]!.take(plans[i - own]!, loss);
        }
    });
  }

  /**
   * Gives each of the first workers a task, and does something on this thread in the meantime.
   *
   * @throws as {@link result}
   */
  share(tasks: readonly Task[], own: () => void): Promise<void> {
    return this.inTurn(async () => {
      for (const [worker, task] of tasks.entries()) this.submit(worker, [task]);
      own();
      for (const worker of tasks.keys()) await this.result(worker, 0);
    });
  }

  /** Ends all workers, busy or not; what is left of them may serve other models. The model's memory must not be used again. */
  terminate(): Promise<unknown> {
    this.failure ??= new LstmError(FREED);
    const isSound = !(this.failure instanceof WorkerError);
    const ended = this.workers.splice(0).map(({ thread, mailbox }) => {
      if (!thread.release || !isSound || !mailbox.isIdle) return thread.terminate();
      mailbox.end();
      return thread.release();
    });
    this.terminated = Promise.all([this.terminated, ...ended]);
    return this.terminated;
  }

  private async start(): Promise<void> {
    const { layers } = this.init.shape;
    const mailbox = new Mailbox(Mailbox.bytesFor(layers, MAX_TASKS), layers);
    const init: WorkerInit = { ...this.init, mailbox: mailbox.bytes };
    const onFailure = (cause: unknown) => {
      worker.hasFailed = true;
      this.fail(cause);
    };
    const worker: PooledWorker = { mailbox, hasFailed: false, thread: await startWorker(init, onFailure) };
    this.workers.push(worker);
  }

  /** A running worker. */
  private get busy(): PooledWorker | undefined {
    return this.workers.find(({ mailbox, hasFailed }) => !hasFailed && !mailbox.isIdle);
  }

  private fail(cause: unknown): void {
    this.failure ??= new WorkerError(cause instanceof Error ? cause.message : String(cause), { cause });
    // Otherwise a step is under way, which fails and settles.
    if (!this.busy) void this.terminate();
  }
}

const forwardTask = (plan: PassPlan): Task => ({
  ...plan,
  pass: plan.start,
  gradients: 0,
  gradientScale: 0,
  dropout: undefined,
});

function newTurn(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

interface PooledWorker {
  readonly mailbox: Mailbox;
  /** Whether it has ended on its own. */
  hasFailed: boolean;
  readonly thread: Thread;
}
