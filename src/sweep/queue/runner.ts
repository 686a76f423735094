import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Queue } from "bullmq";
import { display } from "../../common/show.js";
import { QueueError } from "../errors.js";
import type { Job, Result, Runner } from "../job.js";
import { checkpointIn } from "../local-runner.js";
import type { Plan } from "../plan.js";
import { type Connection, connect, PREFIX, QUEUE } from "./connection.js";
import { readResult, type Task, taskId, taskOf } from "./task.js";

/** Time between two looks at a job, in milliseconds. */
const INTERVAL = 250;
/** How often a job is tried by workers that cannot carry it out, and the time in between in milliseconds. */
const ATTEMPTS = 5;
const BACKOFF = 1000;
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
}

/**
 * Hands jobs to workers. A job is looked at now and then rather than waited for: whatever happens to Redis, its
 * connections and its memory, the job is there with a result, or without, or it is put there again.
 */
export class QueueRunner implements Runner {
  readonly slots = Number.POSITIVE_INFINITY;
  /** The jobs that workers have, of all sweeps, as it was when somebody last asked. */
  private active: Promise<ReadonlySet<string | undefined>> = Promise.resolve(new Set());
  private asked = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly sweep: QueuedSweep,
    private readonly connection: Connection,
    private readonly queue: Queue<Task, Result>,
  ) {}

  /** @throws OptionError, QueueError */
  static async connect(sweep: QueuedSweep): Promise<QueueRunner> {
    const connection = await connect(sweep.queue);
    const { bullmq, redis } = connection;
    const queue = new bullmq.Queue<Task, Result>(QUEUE, { connection: redis, prefix: PREFIX });
    // It connects again by itself.
    queue.on("error", () => {});
    return new QueueRunner(sweep, connection, queue);
  }

  async run(job: Job, watch: (isRunning: boolean) => void): Promise<Result> {
    const { id, plan, signal } = this.sweep;
    const task = await taskOf(id, job, plan.command.args);
    const options = {
      jobId: taskId(id, job),
      priority: Math.min(LAST, (plan.rungs.length - job.rung) * plan.trials.length + job.trial),
      ...{ attempts: ATTEMPTS, backoff: BACKOFF, removeOnComplete: { age: KEPT } },
    };
    for (let isRunning = false; ; ) {
      signal.throwIfAborted();
      const found = await this.queue.getJob(options.jobId);
      if (!found) await this.queue.add("trial", task, options);
      else if (found.finishedOn !== undefined) {
        if (!found.failedReason) return readResult(found.returnvalue);
        // Out of the way for the next time.
        await found.remove();
        throw new QueueError(`no worker can run trial ${job.trial + 1}: ${display(found.failedReason, 500)}`);
      } else if ((await this.isActive(options.jobId)) !== isRunning) {
        isRunning = !isRunning;
        watch(isRunning);
      }
      await sleep(INTERVAL, undefined, { signal }).catch(() => this.withdraw(job));
    }
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
    await (await this.queue.getJob(taskId(this.sweep.id, job)))?.remove();
  }

  checkpointOf(trial: number): string | undefined {
    const { store, id } = this.sweep;
    const path = store === undefined ? undefined : checkpointIn(join(store, id), trial);
    return path !== undefined && existsSync(path) ? path : undefined;
  }

  async end(): Promise<void> {
    await this.queue.close();
    this.connection.redis.disconnect();
  }
}
