import { CheckpointError } from "../checkpoint/checkpoint-error.js";
import { validate } from "../checkpoint/load.js";
import { saveChunks } from "../checkpoint/save.js";
import { checkInteger } from "../common/validate.js";
import type { Model } from "../model/model.js";
import type { TrainReport } from "../training/train.js";
import type { Lock } from "./lock.js";
import { shownPath, WriteError } from "./paths.js";
import { writeWhole } from "./write.js";

/** Default time between checkpoints, and so the most work that a killed run loses, in milliseconds. */
const INTERVAL = 30_000;

/** Writes the checkpoints of a run. */
export class Checkpointer {
  /** Whether the file holds this run as it was. */
  hasWritten = false;
  private last = performance.now();

  /** @param everyEpochs epochs between checkpoints; by default every 30 seconds, within an epoch too */
  constructor(
    private readonly lock: Lock,
    private readonly model: Model,
    private readonly everyEpochs: number | undefined,
  ) {
    if (everyEpochs !== undefined) checkInteger("checkpointEvery", everyEpochs, 1);
  }

  /** Writes a checkpoint if one is due. */
  async consider({ event, epoch }: TrainReport): Promise<void> {
    const due =
      this.everyEpochs === undefined
        ? performance.now() - this.last > INTERVAL
        : event === "epoch" && epoch % this.everyEpochs === 0;
    if (due) await this.write();
  }

  /**
   * Writes a checkpoint. It is read back and validated before it replaces the old file.
   *
   * @throws WriteError, LockError, with the old file unchanged
   */
  async write(): Promise<void> {
    const { lock, model } = this;
    try {
      await writeWhole(lock.target, saveChunks(model), {
        unfinished: lock.unfinished,
        verify: validate,
        lastly: () => lock.assert(),
      });
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      const why = `the new checkpoint could not be loaded: ${error.message}`;
      throw new WriteError(`${shownPath(lock.target.path)} was left unchanged: ${why}`, { cause: error });
    }
    this.hasWritten = true;
    this.last = performance.now();
  }
}
