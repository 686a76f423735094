import { save, validate } from "../checkpoint/checkpoint.js";
import { CheckpointError } from "../checkpoint/checkpoint-error.js";
import { checkInteger } from "../common/validate.js";
import type { Model } from "../model/model.js";
import type { TrainReport } from "../training/train.js";
import type { Lock } from "./lock.js";
import { shownPath, WriteError } from "./paths.js";
import { writeWhole } from "./write.js";

/** Without a number of epochs, how much work a killed run may lose, in milliseconds. */
const INTERVAL = 30_000;

/** Writes a run's checkpoint now and then. */
export class Checkpointer {
  private last = performance.now();

  /** @param everyEpochs writes after every so many epochs; without it, every 30 seconds, within an epoch too */
  constructor(
    private readonly lock: Lock,
    private readonly model: Model,
    private readonly everyEpochs: number | undefined,
  ) {
    if (everyEpochs !== undefined) checkInteger("checkpointEvery", everyEpochs, 1);
  }

  /** Writes if it is time. */
  async consider({ event, epoch }: TrainReport): Promise<void> {
    const due =
      this.everyEpochs === undefined
        ? performance.now() - this.last > INTERVAL
        : event === "epoch" && epoch % this.everyEpochs === 0;
    if (due) await this.write();
  }

  /**
   * Only what can be loaded takes the old file's place: what is written is read again first.
   *
   * @throws WriteError, LockError; the file is then as it was
   */
  async write(): Promise<void> {
    const { lock, model } = this;
    try {
      await writeWhole(lock.target, save(model), {
        unfinished: lock.unfinished,
        verify: validate,
        lastly: () => lock.assert(),
      });
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      const why = `it would hold what cannot be loaded again, ${error.message}`;
      throw new WriteError(`${shownPath(lock.target.path)} is left as it was: ${why}`, { cause: error });
    }
    this.last = performance.now();
  }
}
