import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job as QueuedJob } from "bullmq";
import { availableThreads } from "#platform";
import { unwritable } from "../../cli/paths.js";
import { OptionError } from "../../common/errors.js";
import { refuseUnknown, settle } from "../../common/options.js";
import { display } from "../../common/show.js";
import type { Result } from "../job.js";
import { checkpointIn, makeFolderOf, runJob } from "../local-runner.js";
import { type SweepWorkerOptions, WORKER_OPTIONS } from "../options.js";
import { controllerAfter } from "../signal.js";
import { type Connection, close, connect, PREFIX, QUEUE } from "./connection.js";
import { readTask, refuseOtherData, type Task } from "./task.js";

/** A trial is given to another worker as often as it takes. */
const ALWAYS = 1_000_000;
/** Time in which a worker does not ask for more after a trial that it cannot run, in milliseconds. */
const PAUSE = 1000;

/**
 * Carries out trials of sweeps from a queue, until the signal says stop. A trial that is given back, or whose worker is
 * gone, goes on from its last checkpoint where the next worker finds it in the `store`; otherwise it begins anew.
 *
 * @throws OptionError for an invalid option value
 * @throws QueueError if the queue cannot be used
 */
export async function runSweepWorker(options: SweepWorkerOptions): Promise<void> {
  const { signal, onMessage = () => {}, ...others } = options;
  refuseUnknown([...Object.keys(WORKER_OPTIONS), "signal", "onMessage"], options);
  const { queue: url, store, parallel, lease } = settle(WORKER_OPTIONS, others);
  if (url === undefined) throw new OptionError("queue", "the address of Redis, such as redis://localhost:6379", url);
  const connection = await connect(url, onMessage);
  const folder = store ?? (await mkdtemp(join(tmpdir(), "lstm-wasm-sweep-")));
  const { controller, end } = controllerAfter(signal);
  try {
    await mkdir(folder, { recursive: true }).catch((error) => {
      throw unwritable(folder, error);
    });
    const concurrency = parallel || availableThreads();
    await work(connection, { folder, concurrency, lease, signal: controller.signal, onMessage });
  } finally {
    end();
    // Once more, if it did not get as far as to work.
    connection.redis.disconnect();
    // Windows keeps a file for a while that a scanner has open.
    if (store === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** How a worker works. */
interface Working {
  readonly folder: string;
  readonly concurrency: number;
  /** In seconds. */
  readonly lease: number;
  readonly signal: AbortSignal;
  readonly onMessage: (message: string) => void;
}

async function work(connection: Connection, working: Working): Promise<void> {
  const { bullmq, redis } = connection;
  const { concurrency, lease, signal, onMessage } = working;
  const told = new Set<string>();
  const atWork = new Set<Promise<Result>>();
  const process = async (job: QueuedJob<Task, Result>, token?: string): Promise<Result> => {
    const trial = carryOut(job.data, working);
    atWork.add(trial);
    try {
      return await trial;
    } catch (error) {
      if (signal.aborted) {
        await job.moveToWait(token);
        onMessage(`gave trial ${job.data.trial + 1} back`);
        throw new bullmq.WaitingError();
      }
      const why = display((error as Error).message, 500);
      if (!told.has(why)) onMessage(`cannot run a trial: ${why}`);
      told.add(why);
      // Not to take the same and all others at once: other workers may be able to run them.
      await sleep(PAUSE, undefined, { signal }).catch(() => {});
      throw error;
    } finally {
      atWork.delete(trial);
    }
  };
  const worker = new bullmq.Worker<Task, Result>(QUEUE, process, {
    ...{ connection: redis, prefix: PREFIX, concurrency },
    ...{ lockDuration: 1000 * lease, stalledInterval: 1000 * lease, maxStalledCount: ALWAYS },
  });
  // It connects again by itself, and whoever has lost a job has lost it to another worker.
  worker.on("error", () => {});
  onMessage(`waiting for trials, ${concurrency} at once`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  // It takes no more. Whether Redis is there to be told or not, the trials are saved.
  worker.close(redis.status !== "ready").catch(() => {});
  await Promise.allSettled(atWork);
  await close(connection, worker);
}

async function carryOut(task: Task, { folder, signal, onMessage }: Working): Promise<Result> {
  const read = await readTask(task);
  const { sweep, job, command, metric } = read;
  await refuseOtherData(read);
  const checkpoint = checkpointIn(join(folder, sweep), job.trial);
  await makeFolderOf(checkpoint);
  onMessage(`trial ${job.trial + 1}: ${JSON.stringify(job.values)}`);
  const result = await runJob(job, { command, metric, checkpoint, signal, onEpoch: () => {} });
  onMessage(`trial ${job.trial + 1} ${result.state}`);
  return result;
}
