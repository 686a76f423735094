import { mkdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unlessMissing, unwritable, WriteError } from "../cli/paths.js";
import { onceFree } from "../cli/replace.js";
import { curvesIn, isResumable } from "./curves.js";
import { areSound, type Job, type Result, type Runner } from "./job.js";
import { type MetricName, measure, type TrainEnd } from "./metric.js";
import type { TrainCommand } from "./train-command.js";
import { type Ended, runTrial, type TrainEpoch } from "./trial-process.js";

/** How often a trial may be killed without having saved anything in between. */
const MOST_DEATHS = 10;

/**
 * Exit codes of a process that somebody has stopped at once, by a second signal or before it had begun; on Windows also of one that
 * has run out of memory.
 */
const STOPPED = [130, 143, 134];
/** On Windows, codes from here on say what has ended a process: the STATUS_… of ntstatus.h. */
const STATUSES = 0x8000_0000;

/** What train says of a checkpoint that cannot be written. */
const UNWRITABLE = / cannot be written: /;

/** How a job is carried out on this machine. */
export interface LocalTrial {
  readonly command: TrainCommand;
  readonly metric: MetricName;
  /** The trial's checkpoint, from which it goes on if it is there. */
  readonly checkpoint: string;
  readonly signal: AbortSignal;
  readonly onEpoch: (epoch: TrainEpoch) => void;
}

/** Carries jobs out in processes of this machine. */
export class LocalRunner implements Runner {
  /** @param folder where each trial has a folder */
  constructor(
    private readonly folder: string,
    readonly slots: number,
    private readonly trial: Omit<LocalTrial, "checkpoint" | "onEpoch">,
    private readonly onEpoch: (trial: number, epoch: TrainEpoch) => void,
  ) {}

  async run(job: Job, watch: (isRunning: boolean) => void): Promise<Result> {
    watch(true);
    const checkpoint = this.checkpointOf(job.trial);
    await makeFolderOf(checkpoint);
    return runJob(job, { ...this.trial, checkpoint, onEpoch: (epoch) => this.onEpoch(job.trial, epoch) });
  }

  checkpointOf(trial: number): string {
    return checkpointIn(this.folder, trial);
  }

  async forget(): Promise<void> {}

  async end(): Promise<void> {}
}

/** The checkpoint of a trial, which has a folder of its own: trials/007/model.safetensors for the seventh. */
export const checkpointIn = (folder: string, trial: number): string =>
  join(folder, "trials", String(trial + 1).padStart(3, "0"), "model.safetensors");

/** @throws WriteError */
export async function makeFolderOf(checkpoint: string): Promise<void> {
  await mkdir(dirname(checkpoint), { recursive: true }).catch((error) => {
    throw unwritable(checkpoint, error);
  });
}

/**
 * Carries a job out, and begins again as often as its process is killed: from its checkpoint, if there is one.
 *
 * @throws the signal's reason
 * @throws WriteError if its checkpoint cannot be written
 * @throws SweepError if its process cannot be started
 */
export async function runJob({ values, epochs }: Job, trial: LocalTrial): Promise<Result> {
  const { command, checkpoint, metric, signal, onEpoch } = trial;
  // Another process may still hold the file: one of this trial that has not noticed yet that its sweep is gone.
  const always = [`--out=${checkpoint}`, "--force", "--json", "--quiet"];
  for (let deaths = 0; ; ) {
    // A run that has diverged cannot be resumed, nor a file that somebody has damaged: it begins again.
    if (!(await isResumable(checkpoint))) await onceFree(() => unlink(checkpoint)).catch(unlessMissing);
    const before = await versionOf(checkpoint);
    const args = before === undefined ? command.begin(values, epochs) : command.resume(checkpoint, epochs);
    signal.throwIfAborted();
    const ended = await runTrial([...args, ...always], signal, onEpoch);
    signal.throwIfAborted();
    const { code, end, error } = ended;
    if (code === 0 && end) return { ...(await resultOf(ended, end, metric)), ...(await withCurves(checkpoint)) };
    if (end?.stopReason === "diverged") return { state: "diverged", epochs: end.epochs, ...parametersOf(ended) };
    // Of the disk, not of the trial.
    if (UNWRITABLE.test(error)) throw new WriteError(error);
    if (!wasStopped(ended)) return { state: "failed", error: error || `it ended with ${code}` };
    deaths = (await versionOf(checkpoint)) === before ? deaths + 1 : 0;
    if (deaths >= MOST_DEATHS)
      return { state: "failed", error: `it was killed ${deaths} times in a row without getting anywhere` };
  }
}

/** Whether a process was ended from outside, rather than by a fault of its trial. */
export function wasStopped({ code, end, error }: Ended): boolean {
  if (code === undefined || code >= STATUSES || STOPPED.includes(code)) return true;
  // What Windows' task manager ends has the code of a failure, but has said nothing.
  return end?.stopReason === "interrupted" || (code === 1 && error === "");
}

async function resultOf(ended: Ended, end: TrainEnd, name: MetricName): Promise<Result> {
  const { epochs, trainLoss, validationLoss, bestEpoch, seconds } = end;
  const measures = { metric: measure(name, end), epochs, trainLoss, validationLoss, bestEpoch };
  // JSON has no other numbers.
  const finite = Object.entries(measures).filter(([, value]) => Number.isFinite(value));
  return { state: "done", ...Object.fromEntries(finite), ...parametersOf(ended), seconds };
}

const parametersOf = ({ parameters }: Ended): Pick<Result, "parameters"> =>
  parameters === undefined ? {} : { parameters };

async function withCurves(checkpoint: string): Promise<Pick<Result, "curves">> {
  const curves = await curvesIn(checkpoint);
  return curves && areSound(curves) ? { curves } : {};
}

/** Tells one version of a file from the next; undefined if there is none. */
async function versionOf(path: string): Promise<string | undefined> {
  const status = await stat(path, { bigint: true }).catch(unlessMissing);
  return status && `${status.ino}:${status.mtimeNs}`;
}
