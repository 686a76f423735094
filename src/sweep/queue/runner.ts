import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Queue, Job as QueuedJob } from "bullmq";
import { LstmError } from "../../common/errors.js";
import { display } from "../../common/show.js";
import { QueueError } from "../errors.js";
import type { Job, Result, Runner } from "../job.js";
import { checkpointIn } from "../local-runner.js";
import type { Plan } from "../plan.js";
import { type Connection, close, connect, GRACE, PREFIX, QUEUE } from "./connection.js";
import { readResult, type Task, taskId, taskOf } from "./task.js";

/** Time between two looks at a job, in milliseconds: at least, and for each job that is in the queue. */
const INTERVAL = 250;
const INTERVAL_EACH = 1;
/** Most jobs in the queue at once: more than there are workers. */
const MOST_QUEUED = 4096;
/** How often workers that cannot carry out a job try it if nobody else is at work, and the time in between in milliseconds. */
const ATTEMPTS = 3;
const BACKOFF = 1000;
/** After so long at work, a worker has not refused a job, in milliseconds. */
const ACCEPTED = 3000;
/** As often as it takes. */
const ALWAYS = 1_000_000;
/** The priority that comes last; 1 comes first. */
const LAST = 2 ** 21;
/** How long a result waits for its sweep, in seconds: that of one that nobody goes on with is not kept for ever. */
const KEPT = 30 * 24 * 3600;

/** A sweep whose jobs go to a queue. */
export interface QueuedSweep {
  readonly id: string;
  readonly plan: Plan;
  readonly queue: string;
  readonly store: string | undefined;
  readonly signal: AbortSignal;
  /** Is told what to know of the queue, in a line. */
  readonly tell: (message: string) => void;
}

/**
 * Hands jobs to workers. A job is looked at now and then rather than waited for: whatever happens to Redis, its
 * connections and its memory, the job is there with a result, or without, or it is put there again.
 */
export class QueueRunner implements Runner {
  readonly slots = MOST_QUEUED;
  /** The jobs that workers have, of all sweeps, as it was when somebody last asked. */
  private active: Promise<ReadonlySet<string | undefined>> = Promise.resolve(new Set());
  private asked = Number.NEGATIVE_INFINITY;
  /** How many jobs are in the queue. */
  private queued = 0;
  /** Whether any worker is known that can carry out a job. */
  private hasWorkers = false;
  /** What workers have said of jobs that they cannot carry out. */
  private readonly refusals = new Set<string>();
  private lastly: NodeJS.Timeout | undefined;
  /** Rejects when nothing is waited for any more. */
  private readonly givenUp: Promise<never>;
  private stopWaiting: (reason: unknown) => void = () => {};

  private constructor(
    private readonly sweep: QueuedSweep,
    private readonly connection: Connection,
    private readonly queue: Queue<Task, Result>,
  ) {
    this.givenUp = new Promise((_, reject) => {
      this.stopWaiting = reject;
    });
    this.givenUp.catch(() => {});
    sweep.signal.addEventListener("abort", this.abort);
  }

  /** @throws OptionError, QueueError */
  static async connect(sweep: QueuedSweep): Promise<QueueRunner> {
    const connection = await connect(sweep.queue, sweep.tell);
    const { bullmq, redis } = connection;
    const queue = new bullmq.Queue<Task, Result>(QUEUE, { connection: redis, prefix: PREFIX });
    // It connects again by itself.
    queue.on("error", () => {});
    return new QueueRunner(sweep, connection, queue);
  }

  async run(job: Job, watch: (isRunning: boolean) => void): Promise<Result> {
    this.queued++;
    try {
      return await this.unlessGivenUp(this.follow(job, watch));
    } catch (error) {
      this.sweep.signal.throwIfAborted();
      if (error instanceof LstmError) throw error;
      throw new QueueError(`the queue does not work: ${display((error as Error).message, 200)}`, { cause: error });
    } finally {
      this.queued--;
    }
  }

  private async follow(job: Job, watch: (isRunning: boolean) => void): Promise<Result> {
    const { id, plan, signal } = this.sweep;
    const task = await taskOf(id, job, plan);
    const options = {
      jobId: taskId(id, job),
      priority: Math.min(LAST, (plan.rungs.length - job.rung) * plan.trials.length + job.trial),
      ...{ attempts: ALWAYS, backoff: BACKOFF, stackTraceLimit: 1, removeOnComplete: { age: KEPT } },
    };
    let isRunning = false;
    let since = performance.now();
    let attempts = 0;
    // Those of before may have been of workers that are gone, or have been mended.
    for (let before: number | undefined; ; ) {
      signal.throwIfAborted();
      const found = await this.queue.getJob(options.jobId);
      if (!found) await this.queue.add("trial", task, options);
      else if (isDone(found)) {
        this.hasWorkers = true;
        return readResult(found.returnvalue);
      } else {
        before ??= found.attemptsMade;
        const isOver = found.finishedOn !== undefined;
        if (isOver || found.attemptsMade > before) await this.hearRefusal(job, found, found.attemptsMade - before);
        const wasRunning: boolean = isRunning;
        isRunning = await this.isActive(options.jobId);
        if (isRunning !== wasRunning) watch(isRunning);
        if (isRunning !== wasRunning || found.attemptsMade !== attempts) since = performance.now();
        attempts = found.attemptsMade;
        if (isRunning && performance.now() - since > ACCEPTED) this.hasWorkers = true;
      }
      const interval = Math.max(INTERVAL, INTERVAL_EACH * this.queued);
      await sleep(interval, undefined, { signal }).catch(() => this.withdraw(job));
    }
  }

  /**
   * Tells what a worker has said of a job. Others may be able to carry it out, even if they are at work on another now.
   *
   * @throws QueueError if none is known
   */
  private async hearRefusal(job: Job, found: QueuedJob<Task, Result>, times: number): Promise<void> {
    const why = display(found.failedReason ?? "", 500);
    if (found.finishedOn !== undefined || (times >= ATTEMPTS && !this.hasWorkers)) {
      // Out of the way for the next time; one that a worker is trying again gets there later.
      await found.remove().catch(() => {});
      throw new QueueError(`no worker can run trial ${job.trial + 1}: ${why}`);
    }
    if (this.refusals.has(why)) return;
    this.refusals.add(why);
    this.sweep.tell(`a worker cannot run trial ${job.trial + 1}: ${why}`);
  }

  /** Whether a worker has a job. All jobs that wait at the same time ask once. */
  private async isActive(id: string): Promise<boolean> {
    if (performance.now() > this.asked + INTERVAL / 2) {
      this.asked = performance.now();
      this.active = this.queue.getActive().then((jobs) => new Set(jobs.map((job) => job?.id)));
    }
    return (await this.active).has(id);
  }

  /** Removes a job that no worker has begun. One that is at work goes on, and its result stays in the queue. */
  private async withdraw(job: Job): Promise<void> {
    await this.forget(job).catch(() => {});
  }

  async forget(job: Job): Promise<void> {
    const found = this.queue.getJob(taskId(this.sweep.id, job));
    await this.unlessGivenUp(found.then((job) => job?.remove()));
  }

  checkpointOf(trial: number): string | undefined {
    const { store, id } = this.sweep;
    const path = store === undefined ? undefined : checkpointIn(join(store, id), trial);
    return path !== undefined && existsSync(path) ? path : undefined;
  }

  async end(): Promise<void> {
    this.sweep.signal.removeEventListener("abort", this.abort);
    clearTimeout(this.lastly);
    await close(this.connection, this.queue);
  }

  /** Commands wait for a Redis that is away, even when its connection is closed: a sweep that ends does not. */
  private readonly abort = (): void => {
    const giveUp = () => this.stopWaiting(this.sweep.signal.reason);
    if (this.connection.redis.status === "ready") this.lastly = setTimeout(giveUp, GRACE);
    else giveUp();
  };

  private unlessGivenUp<Value>(answer: Promise<Value>): Promise<Value> {
    return Promise.race([answer, this.givenUp]);
  }
}

/** Whether there is a result: a job that some worker could not carry out still says why, after another has. */
const isDone = ({ finishedOn, failedReason, returnvalue }: QueuedJob<Task, Result>): boolean =>
  finishedOn !== undefined && (!failedReason || returnvalue !== null);
