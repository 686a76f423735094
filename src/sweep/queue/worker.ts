import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Job as QueuedJob } from "bullmq";
import { availableThreads } from "#platform";
import { OptionError } from "../../common/errors.js";
import { refuseUnknown, settle } from "../../common/options.js";
import { display } from "../../common/show.js";
import type { Result } from "../job.js";
import { checkpointIn, runJob } from "../local-runner.js";
import { type SweepWorkerOptions, WORKER_OPTIONS } from "../options.js";
import { controllerAfter } from "../signal.js";
import { type Connection, connect, PREFIX, QUEUE } from "./connection.js";
import { readTask, type Task } from "./task.js";

/** A trial is given to another worker as often as it takes. */
const ALWAYS = 1_000_000;

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
  const lost = (error: Error) => onMessage(`the queue cannot be reached for now: ${display(error.message, 200)}`);
  const connection = await connect(url, once(lost));
  const folder = store ?? (await mkdtemp(join(tmpdir(), "lstm-wasm-sweep-")));
  const { controller, end } = controllerAfter(signal);
  try {
    await mkdir(folder, { recursive: true });
    const concurrency = parallel || availableThreads();
    await work(connection, { folder, concurrency, lease, signal: controller.signal, onMessage });
  } finally {
    end();
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

async function work({ bullmq, redis }: Connection, working: Working): Promise<void> {
  const { concurrency, lease, signal, onMessage } = working;
  const process = async (job: QueuedJob<Task, Result>, token?: string): Promise<Result> => {
    try {
      return await carryOut(job.data, working);
    } catch (error) {
      if (!signal.aborted) throw error;
      await job.moveToWait(token);
      onMessage(`gave trial ${job.data.trial + 1} back`);
      throw new bullmq.WaitingError();
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
  await worker.close();
}

async function carryOut(task: Task, { folder, signal, onMessage }: Working): Promise<Result> {
  const { sweep, job, command, metric } = await readTask(task);
  const checkpoint = checkpointIn(join(folder, sweep), job.trial);
  await mkdir(dirname(checkpoint), { recursive: true });
  onMessage(`trial ${job.trial + 1}: ${JSON.stringify(job.values)}`);
  const result = await runJob(job, { command, metric, checkpoint, signal, onEpoch: () => {} });
  onMessage(`trial ${job.trial + 1} ${result.state}`);
  return result;
}

/** Tells of the first of many: a lost connection is tried again and again. */
function once(tell: (error: Error) => void): (error: Error) => void {
  let last = "";
  return (error) => {
    if (error.message !== last) tell(error);
    last = error.message;
  };
}
