import { LstmError } from "../common/errors.js";
import type { ComputedShards, Exchange, PreparedRun, SharedRun } from "../training/process-group.js";
import { longest, type Range, rangeOf } from "../training/split.js";
import type { Communicator } from "./communicator.js";
import { messageOf } from "./errors.js";
import { lasting, type Request } from "./mpi.js";
import { StateGathering } from "./state-gathering.js";
import { DistributedSum } from "./sum.js";

/** What a rank is about to do, in its report. */
const KINDS = ["step", "validation", "finished", "interrupted", "failed"] as const;
type Kind = (typeof KINDS)[number];

/** Whether a rank is still in the run. */
const goesOn = (kind: Kind): boolean => kind === "step" || kind === "validation";

/** How a rank's part in a run ends. */
export interface Ending {
  readonly kind: Exclude<Kind, "step" | "validation">;
  readonly error?: unknown;
}

/** Numbers of a report before the losses: the kind, and the number of the step. */
const HEAD = 2;

/** How long rank 0 waits for the others' current step once its run is aborted, at least, in milliseconds. */
const PATIENCE = 250;

/**
 * A training run of all ranks. In each step every rank reports to all: that it has computed its shards, with their losses,
 * or its part of a validation, or that it leaves the run, and how. So all learn in the same step that one of them stops.
 */
export class MpiRun implements SharedRun {
  readonly rank: number;
  readonly size: number;
  private readonly sum: DistributedSum;
  private readonly report: Float64Array;
  private readonly reports: Float64Array;
  private step = 0;
  private isOver = false;
  private states: StateGathering | undefined;
  /** When the last step was completed, how long it took, and when the run was first seen to be aborted. */
  private completed = performance.now();
  private stepTime = 0;
  private validationTime = 0;
  private abortedAt: number | undefined;

  constructor(
    private readonly communicator: Communicator,
    private readonly run: PreparedRun,
  ) {
    const { mpi } = communicator;
    this.rank = mpi.rank;
    this.size = mpi.size;
    this.sum = new DistributedSum(communicator);
    communicator.isForsaken = (waited) => this.isForsaken(waited);
    const numbers = HEAD + longest(run.config.gradientShards, mpi.size);
    this.report = lasting.doubles(numbers);
    this.reports = lasting.doubles(numbers * mpi.size);
  }

  bytesFor(segments: readonly Range[], shards: number): number {
    return this.sum.bytesFor(segments, shards);
  }

  exchange(step: ComputedShards): Exchange {
    const { communicator } = this;
    const { losses, own, state } = step;
    this.step++;
    // Whatever throws ends the run in all ranks: nobody is left to take leave of.
    this.isOver = true;
    this.report.set(losses.subarray(own.start, own.end), HEAD);
    const announced = this.announce("step");
    const sum = this.sum.of(step);
    /** Segments that wait for the reports: where a rank leaves, nothing else is exchanged. */
    const waiting: Range[] = [];
    let states: { request: Request; gathering: StateGathering } | undefined;
    let isOpen = false;
    // All ranks begin the same in the same order, each as soon as it can.
    const open = () => {
      if (!isOpen) {
        isOpen = true;
        this.takeLosses(losses);
        const gathering = state && this.gatheringFor(losses.length, state);
        states = gathering && { gathering, request: gathering.begin(state.all) };
      }
      for (const segment of waiting.splice(0)) sum.begin(segment);
    };
    const advance = () => {
      if (!isOpen && !(communicator.mpi.isDone(announced) && this.goOnTogether("step"))) return;
      open();
      sum.advance();
    };
    const add = (segment: Range) => {
      waiting.push(segment);
      advance();
    };
    const finish = async () => {
      if (!isOpen) await this.heed(announced, "step");
      open();
      await sum.finish();
      if (states) {
        await communicator.wait(states.request);
        states.gathering.finish(state!.all);
      }
      this.completeStep();
    };
    return { add, advance, finish };
  }

  /** The losses of the others' shards. */
  private takeLosses(losses: Float64Array): void {
    for (let rank = 0; rank < this.size; rank++) {
      const { start, end } = rangeOf(losses.length, this.size, rank);
      const from = rank * this.report.length + HEAD;
      losses.set(this.reports.subarray(from, from + end - start), start);
    }
  }

  private completeStep(): void {
    this.isOver = false;
    const now = performance.now();
    this.stepTime = now - this.completed;
    this.completed = now;
  }

  async gather(part: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> {
    this.isOver = true;
    await this.meet("validation");
    const parts = await this.communicator.gather(part);
    this.isOver = false;
    const now = performance.now();
    this.validationTime = now - this.completed;
    this.completed = now;
    return parts;
  }

  /**
   * Ends this rank's part of the run, and waits until the others have come as far.
   *
   * @throws RankError if another rank failed
   */
  async leave({ kind, error }: Ending): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await this.meet(kind, error === undefined ? "its program ended the run" : messageOf(error));
  }

  /** Whether the run was aborted so long ago, within a wait of so many milliseconds, that the others seem to be gone. */
  private isForsaken(waited: number): boolean {
    if (!this.run.signal?.aborted) return false;
    this.abortedAt ??= performance.now();
    return (
      Math.min(waited, performance.now() - this.abortedAt) >
      Math.max(PATIENCE, 2 * this.stepTime, 2 * this.validationTime)
    );
  }

  /**
   * Exchanges reports.
   *
   * @param message why this rank leaves
   * @throws RankError if another rank leaves while this one does not, or fails while this one is done
   */
  private meet(kind: Kind, message = ""): Promise<void> {
    return this.heed(this.announce(kind), kind, message);
  }

  /** Begins to exchange reports. */
  private announce(kind: Kind): Request {
    const { report, reports } = this;
    report[0] = KINDS.indexOf(kind);
    report[1] = this.step;
    const bytes = (numbers: Float64Array) => new Uint8Array(numbers.buffer);
    return this.communicator.mpi.allGather(bytes(report), bytes(reports));
  }

  /** What each rank is about to do, once the reports are there. */
  private get kinds(): Kind[] {
    return Array.from({ length: this.size }, (_, rank) => KINDS[this.reports[rank * this.report.length]!]!);
  }

  /** Waits for the reports. */
  private async heed(announced: Request, kind: Kind, message = ""): Promise<void> {
    await this.communicator.wait(announced);
    if (this.goOnTogether(kind)) return;
    const { kinds } = this;
    const messages = await this.communicator.exchange(message);
    const failed = kinds.indexOf("failed");
    const left = failed >= 0 ? failed : kinds.findIndex((each) => !goesOn(each));
    const mayGo = kind === "failed" || kind === "interrupted" || (kind === "finished" && failed < 0);
    if (!mayGo)
      throw this.communicator.rankError(left, kinds[left] === "failed" ? "failed" : "interrupted", messages[left]!);
  }

  /**
   * Whether no rank leaves, by the reports.
   *
   * @throws LstmError if one is elsewhere in the run
   */
  private goOnTogether(kind: Kind): boolean {
    const { kinds, reports, report, rank } = this;
    if (!kinds.every(goesOn)) return false;
    const other = kinds.findIndex((each, r) => each !== kind || reports[r * report.length + 1] !== this.step);
    if (other >= 0) throw new LstmError(`rank ${other} is not in the same step as rank ${rank}`);
    return true;
  }

  private gatheringFor(shards: number, { all, B }: NonNullable<ComputedShards["state"]>): StateGathering {
    if (this.states?.shards !== shards || this.states.B !== B)
      this.states = new StateGathering(this.communicator.mpi, shards, B, all.length, this.run.model.config.hiddenSize);
    return this.states;
  }
}
