import { shownPath } from "../../cli/paths.js";
import { version } from "../../cli/version.js";
import { type Digests, differingPath, digestsOf } from "../data-files.js";
import type { Values } from "../draw.js";
import { QueueError } from "../errors.js";
import { checkedResult, type Job, type Result } from "../job.js";
import type { MetricName } from "../metric.js";
import { metricOf } from "../metric.js";
import type { Plan } from "../plan.js";
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
  /** Of the files that the trials read. */
  readonly data: Digests;
}

/** The name of a job in the queue. */
export const taskId = (sweep: string, { trial, rung }: Job): string => `${sweep}-${trial}-${rung}`;

export async function taskOf(sweep: string, { epochs, ...job }: Job, { command, data }: Plan): Promise<Task> {
  const own = { version: await version(), train: command.args, data };
  return { ...own, sweep, ...job, ...(epochs === undefined ? {} : { epochs }) };
}

/** A task that can be carried out. */
export interface ReadTask {
  readonly sweep: string;
  readonly job: Job;
  readonly command: TrainCommand;
  readonly data: Digests;
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
  const { version: wanted, sweep, trial, rung, values, epochs, train, data } = Object(task) as Task;
  if (wanted !== own)
    throw new QueueError(`the sweep is of another version of lstm-wasm: ${String(wanted)}, and this worker of ${own}`);
  const isNumber = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
  const isSound =
    /^[0-9a-f-]{36}$/.test(String(sweep)) &&
    [trial, rung, epochs ?? 0].every(isNumber) &&
    Array.isArray(train) &&
    train.every((flag) => typeof flag === "string") &&
    Object(data) === data &&
    Object.values(data).every((digest) => typeof digest === "string");
  if (!isSound) throw new QueueError("the queue has a job that no sweep has made");
  try {
    const lists = Object.fromEntries(Object.entries(values).map(([option, value]) => [option, [value]]));
    if (Object.keys(lists).length > 0) readSpace(lists);
    const command = new TrainCommand(train);
    return { sweep, job: { trial, rung, values, epochs }, command, data, metric: metricOf(command.with(values)) };
  } catch (error) {
    throw new QueueError(`the queue has a job that cannot be run: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Checks that this machine has the data that the sweep has.
 *
 * @throws InputError if a file cannot be read
 * @throws QueueError if one is another
 */
export async function refuseOtherData({ command, data }: ReadTask): Promise<void> {
  const path = differingPath(data, await digestsOf(command.dataFiles));
  if (path !== undefined)
    throw new QueueError(`${shownPath(path)} is not the one that the sweep has: copy that to this worker's machine`);
}

/**
 * Checks what a worker has put into the queue.
 *
 * @throws QueueError
 */
export function readResult(value: unknown): Result {
  const result = checkedResult(value);
  if (!result) throw new QueueError("the queue has a result that no worker has made");
  return result;
}
