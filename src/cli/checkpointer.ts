import { save } from "../checkpoint/checkpoint.js";
import { checkInteger } from "../common/validate.js";
import type { Model } from "../model/model.js";
import type { TrainReport } from "../training/train.js";
import { writeWhole } from "./files.js";

/** Without a number of epochs, how much work a killed run may lose, in milliseconds. */
const INTERVAL = 30_000;

/** Writes a run's checkpoint now and then. */
export class Checkpointer {
  private last = performance.now();

  /** @param everyEpochs writes after every so many epochs; without it, every 30 seconds, within an epoch too */
  constructor(
    private readonly path: string,
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

  /** @throws WriteError; the file is then as it was */
  async write(): Promise<void> {
    await writeWhole(this.path, save(this.model));
    this.last = performance.now();
  }
}
