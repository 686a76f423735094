import { version } from "../../cli/version.js";
import { LstmError } from "../../common/errors.js";
import type { Values } from "../draw.js";
import { QueueError } from "../errors.js";
import type { Job, Result } from "../job.js";
import type { MetricName } from "../metric.js";
import { metricOf } from "../metric.js";
import { readSpace } from "../space.js";
import { TrainCommand } from "../train-command.js";

/** A job as it is in the queue. */
export interface Task {
  /** Of lstm-wasm: another may have other bits. */
  readonly version: string;
  readonly sweep: string;
  readonly trial: number;
  readonly rung: number;
  readonly values: Values;
  /** Absent for as many as train chooses or has been told. */
  readonly epochs?: number;
  readonly train: readonly string[];
}

/** The name of a job in the queue. */
export const taskId = (sweep: string, { trial, rung }: Job): string => `${sweep}-${trial}-${rung}`;

export async function taskOf(sweep: string, { epochs, ...job }: Job, train: readonly string[]): Promise<Task> {
  return { version: await version(), sweep, ...job, ...(epochs === undefined ? {} : { epochs }), train };
}

/** A task that can be carried out. */
export interface ReadTask {
  readonly sweep: string;
  readonly job: Job;
  readonly command: TrainCommand;
  readonly metric: MetricName;
}

/**
 * Checks what came out of the queue, to which anyone may have written who can reach it: only options of train that
 * trials may have, and no file that is written.
 *
 * @throws QueueError
 */
export async function readTask(task: Task): Promise<ReadTask> {
  const own = await version();
  if (task.version !== own)
    throw new QueueError(
      `the sweep is of another version of lstm-wasm: ${String(task.version)}, and this worker of ${own}`,
    );
  const { sweep, trial, rung, values, epochs, train } = task;
  const isNumber = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
  const isSound =
    /^[0-9a-f-]{36}$/.test(String(sweep)) &&
    [trial, rung, epochs ?? 0].every(isNumber) &&
    Array.isArray(train) &&
    train.every((flag) => typeof flag === "string");
  if (!isSound) throw new QueueError("the queue has a job that no sweep has made");
  try {
    const lists = Object.fromEntries(Object.entries(values).map(([option, value]) => [option, [value]]));
    if (Object.keys(lists).length > 0) readSpace(lists);
    const command = new TrainCommand(train);
    return { sweep, job: { trial, rung, values, epochs }, command, metric: metricOf(command.with(values)) };
  } catch (error) {
    const why = error instanceof LstmError ? error.message : (error as Error).message;
    throw new QueueError(`the queue has a job that cannot be run: ${why}`, { cause: error });
  }
}

/** The numbers of a result. */
const MEASURES = ["metric", "epochs", "trainLoss", "validationLoss", "bestEpoch", "parameters", "seconds"] as const;

/**
 * Checks what a worker has put into the queue.
 *
 * @throws QueueError
 */
export function readResult(value: unknown): Result {
  const { state, error, curves, ...others } = (Object(value) as Partial<Result>) ?? {};
  const measures = MEASURES.map((name) => [name, others[name]] as const).filter(([, number]) => number !== undefined);
  const losses = curves && [curves.epochs, curves.train, curves.validation];
  const isSound =
    (state === "done" || state === "diverged" || state === "failed") &&
    (error === undefined || typeof error === "string") &&
    measures.every(([, number]) => Number.isFinite(number)) &&
    (losses === undefined || losses.every((list) => Array.isArray(list) && list.every(Number.isFinite)));
  if (!isSound) throw new QueueError("the queue has a result that no worker has made");
  return {
    state,
    ...Object.fromEntries(measures),
    ...(error === undefined ? {} : { error }),
    ...(curves ? { curves } : {}),
  };
}
