import { LstmError } from "../common/errors.js";
import { displayText } from "../common/show.js";
import { RankError } from "../distributed/errors.js";
import type { MpiGroup } from "../distributed/group.js";
import { train } from "../training/train.js";
import { InterruptedSearch, judge, withEpochs } from "./classifier-run.js";
import { UsageError } from "./flags.js";
import type { Interruption } from "./interruption.js";
import { shared } from "./planned-run.js";
import { predictText } from "./predicted-text.js";
import { planRun } from "./run.js";
import { mpiOptions, type TrainFlags } from "./train-flags.js";

/** The processes of --mpi. */
export async function startGroup(flags: TrainFlags): Promise<MpiGroup | undefined> {
  if (!flags.mpi) return undefined;
  const { initMpi } = await import("../distributed/group.js");
  writeWithoutWaiting();
  return initMpi(mpiOptions(flags));
}

/**
 * While Open MPI's `mpirun` ends a job, it reads nothing of what the ranks write, and a terminal of its own holds 4 kB. A rank that
 * waited there would not hear of the signal, and its run would not be saved.
 */
function writeWithoutWaiting(): void {
  for (const stream of [process.stdout, process.stderr])
    (stream as { _handle?: { setBlocking?(isBlocking: boolean): void } })._handle?.setBlocking?.(false);
}

/**
 * Takes part in a run as any rank but the first, which alone writes files and reports: also what goes wrong here.
 *
 * @returns the exit code
 */
export async function follow(flags: TrainFlags, group: MpiGroup, interruption: Interruption): Promise<number> {
  const { signal } = interruption;
  try {
    const run = await group.together(async () => {
      const planned = await planRun({ ...flags, quiet: true });
      interruption.begin();
      return withEpochs(planned, true, signal, () => {});
    });
    const sharing = shared(run, group);
    const { model, data, options, subject } = sharing;
    await train(model, data, { ...options, signal });
    // The first rank writes its checkpoint.
    await group.together(() => {});
    if (subject.kind === "sequences") await judge(sharing, signal);
    else if (subject.kind === "text") await predictText(sharing, signal);
    model.free();
    return 0;
  } catch (error) {
    // Without the first rank, nobody else says it.
    if (isLoss(error)) throw error;
    // The first rank has the message, but not the place.
    if (!isExpected(error, signal)) process.stderr.write(displayText(`${(error as Error)?.stack ?? error}\n`));
    return 0;
  }
}

const isExpected = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted || error instanceof LstmError || error instanceof UsageError || error instanceof InterruptedSearch;

/** Whether a rank is missing. */
export const isLoss = (error: unknown): error is RankError => error instanceof RankError && error.kind === "missing";

/** Whether a run was ended by a signal that reached another rank. */
export const isInterruption = (error: unknown): boolean => error instanceof RankError && error.kind === "interrupted";
