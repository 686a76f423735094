import { load } from "../checkpoint/load.js";
import { NO_STREAMS, withSource } from "../cli/files.js";
import { LstmError } from "../common/errors.js";
import { leftTraining, type Progress } from "../training/training-state.js";
import type { Curves } from "./job.js";

/** Epochs that are kept at most: a picture has no room for more. */
const MOST_POINTS = 200;

/**
 * The loss curves of a run, from its checkpoint: the events of a process that was killed may lack an epoch.
 *
 * @throws InputError, CheckpointError
 */
export async function curvesIn(checkpoint: string): Promise<Curves | undefined> {
  const progress = await progressIn(checkpoint);
  return progress && thinned(progress.trainLosses, progress.validationLosses);
}

/** Whether a file is a checkpoint with a run that can be resumed. */
export async function isResumable(checkpoint: string): Promise<boolean> {
  try {
    return (await progressIn(checkpoint)) !== undefined;
  } catch (error) {
    if (error instanceof LstmError) return false;
    throw error;
  }
}

async function progressIn(checkpoint: string): Promise<Progress | undefined> {
  const model = await withSource(checkpoint, (source) => load(source, { backend: "javascript" }), NO_STREAMS);
  const progress = leftTraining(model)?.progress;
  model.free();
  return progress;
}

/** Evenly spaced epochs, the first and the last among them. */
export function thinned(train: readonly number[], validation: readonly number[]): Curves {
  const count = Math.min(train.length, MOST_POINTS);
  const at = (i: number) => (count === 1 ? 0 : Math.round((i * (train.length - 1)) / (count - 1)));
  const epochs = Array.from({ length: count }, (_, i) => at(i) + 1);
  const kept = (losses: readonly number[]) => epochs.flatMap((epoch) => losses.slice(epoch - 1, epoch));
  return { epochs, train: kept(train), validation: kept(validation) };
}
