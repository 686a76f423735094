import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { availableThreads } from "#platform";
import { Lock } from "../cli/lock.js";
import { targetOf, WriteError } from "../cli/paths.js";
import { writeWhole } from "../cli/write.js";
import { copyCheckpoint } from "./copy-checkpoint.js";
import { SweepError } from "./errors.js";
import type { SweepEnd, SweepEvent, TrialStatus } from "./events.js";
import type { Job, Result, Runner } from "./job.js";
import { Journal } from "./journal.js";
import { checkpointIn, LocalRunner, runJob } from "./local-runner.js";
import type { SweepOptions } from "./options.js";
import { type Plan, planSweep } from "./plan.js";
import { reportPage } from "./report/page.js";
import { resultsCsv } from "./results-table.js";
import { controllerAfter } from "./signal.js";
import { SweepState } from "./state.js";

/** Shortest time between two writings of the report while trials run, in milliseconds. */
const REPORT_INTERVAL = 2000;
/** The same after one that failed. */
const PAUSE = 30_000;

/**
 * Trains a model many times with different options, and finds the best: each trial is a process of `lstm-wasm train`.
 * All that the sweep needs to go on is in its folder: the same call after a kill, at any moment, ends with the same
 * table. The folder has besides `results.csv`, `report.html` and the trials' checkpoints.
 *
 * @returns the trials, the best first
 * @throws OptionError, SweepError, UsageError for invalid options
 * @throws SweepError if the folder has another sweep
 * @throws LockError if another process is at work in it
 * @throws QueueError if the queue cannot be used
 * @throws WriteError if a file cannot be written; where it is only the report, after all trials are done
 */
export async function sweep(options: SweepOptions): Promise<SweepEnd> {
  const plan = planSweep(options);
  await mkdir(plan.dir, { recursive: true });
  const journal = Journal.in(plan.dir);
  const lock = await Lock.take(await targetOf(journal.path), plan.settings.force);
  try {
    const begun = await journal.read(plan.identity);
    const id = begun?.id ?? randomUUID();
    const results = begun?.results ?? [];
    if (results.length > plan.trials.length)
      throw new SweepError(`trials: expected at least ${results.length}, as in ${plan.dir}, got ${plan.trials.length}`);
    // A failure may have had a reason that is gone now. Of halving, others were chosen in the light of it.
    const kept = plan.rungs.length > 1 ? results : results.map((of) => of.filter(({ state }) => state !== "failed"));
    return await new Sweep(plan, journal, lock, id, new SweepState(plan, kept), options).run();
  } finally {
    lock.release();
  }
}

/** A sweep at work. */
class Sweep {
  private readonly abortion: AbortController;
  private readonly unlink: () => void;
  /** The jobs that are handed out. */
  private readonly running = new Map<string, Promise<{ job: Job; result: Result }>>();
  /** Those among them that somebody is at work on. */
  private readonly begun = new Set<string>();
  private readonly start = performance.now();
  /** When the report is due again. */
  private nextReport = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly plan: Plan,
    private readonly journal: Journal,
    private readonly lock: Lock,
    private readonly id: string,
    private readonly state: SweepState,
    private readonly options: SweepOptions,
  ) {
    ({ controller: this.abortion, end: this.unlink } = controllerAfter(options.signal));
  }

  async run(): Promise<SweepEnd> {
    try {
      return await this.runWith(await this.startRunner());
    } finally {
      this.unlink();
    }
  }

  private async runWith(runner: Runner): Promise<SweepEnd> {
    const { plan, state } = this;
    try {
      const { sampler, seed } = plan.settings;
      this.emit({
        event: "start",
        trials: plan.trials.length,
        ...{ sampler, seed, metric: plan.metric },
        ...(sampler === "halving" ? { rungs: plan.rungs as number[] } : {}),
        ...(Number.isFinite(runner.slots) ? { parallel: runner.slots } : {}),
        results: state.count,
      });
      await this.save();
      await this.runJobs(runner);
      return await this.conclude(runner);
    } finally {
      await runner.end();
    }
  }

  private async startRunner(): Promise<Runner> {
    const { plan, id, abortion } = this;
    const { queue, store, parallel } = plan.settings;
    const { signal } = abortion;
    if (queue !== undefined) {
      const { QueueRunner } = await import("./queue/runner.js");
      return QueueRunner.connect({ id, plan, queue, store, signal });
    }
    const threads = Number(plan.command.flags["threads"] ?? 1) || availableThreads();
    const slots = parallel || Math.max(1, Math.floor(availableThreads() / threads));
    const trial = { command: plan.command, metric: plan.metric, signal };
    return new LocalRunner(plan.dir, slots, trial, (trial, { epoch, trainLoss, validationLoss }) =>
      this.emit({
        event: "epoch",
        trial: trial + 1,
        ...{ epoch, trainLoss },
        ...(validationLoss === undefined ? {} : { validationLoss }),
      }),
    );
  }

  /** Runs jobs until there are none, or the sweep is interrupted. */
  private async runJobs(runner: Runner): Promise<void> {
    const { running, abortion, state } = this;
    const { signal } = abortion;
    try {
      for (;;) {
        if (!signal.aborted) this.startJobs(runner);
        if (running.size === 0) return;
        const { job, result } = await Promise.race(running.values());
        running.delete(keyOf(job));
        this.begun.delete(keyOf(job));
        state.add(job, result);
        await this.save();
        await runner.forget(job);
        this.emit({ event: "trial", ...state.statusOf(job.trial, false) });
      }
    } catch (error) {
      if (!signal.aborted) abortion.abort(error);
      await Promise.allSettled(running.values());
      running.clear();
      this.begun.clear();
      if (!this.options.signal?.aborted) throw error;
    }
  }

  private startJobs(runner: Runner): void {
    const { running, state } = this;
    for (const job of state.jobs()) {
      if (running.size >= runner.slots) return;
      const key = keyOf(job);
      if (running.has(key)) continue;
      running.set(
        key,
        runner.run(job, (isRunning) => this.watch(job, isRunning)).then((result) => ({ job, result })),
      );
    }
  }

  private watch(job: Job, isRunning: boolean): void {
    if (isRunning) this.begun.add(keyOf(job));
    else this.begun.delete(keyOf(job));
    this.emit({ event: "trial", ...this.state.statusOf(job.trial, isRunning) });
  }

  private async conclude(runner: Runner): Promise<SweepEnd> {
    const { plan, state, options } = this;
    const table = this.table();
    const best = table.find(({ metric }) => metric !== undefined);
    const checkpoint = best && state.jobs().length === 0 ? await this.checkpointOf(best, runner) : undefined;
    const isDone = state.jobs().length === 0 && !this.abortion.signal.aborted;
    const { out } = plan.settings;
    if (checkpoint !== undefined && out !== undefined) await copyCheckpoint(checkpoint, out);
    const failure = await this.report();
    const end: SweepEnd = {
      event: "end",
      stopReason: isDone ? "done" : "interrupted",
      ...(best ? { best } : {}),
      ...(checkpoint === undefined ? {} : { checkpoint: out ?? checkpoint }),
      trials: table,
      seconds: (performance.now() - this.start) / 1000,
    };
    options.onEvent?.(end);
    if (failure) throw failure;
    return end;
  }

  /** The checkpoint of the best trial. One that cannot be reached is computed here again, to the same bits. */
  private async checkpointOf({ trial }: TrialStatus, runner: Runner): Promise<string | undefined> {
    const { plan, abortion, state } = this;
    const there = runner.checkpointOf(trial - 1);
    if (there !== undefined || plan.settings.out === undefined) return there;
    const checkpoint = checkpointIn(plan.dir, trial - 1);
    const rung = state.all[trial - 1]!.length - 1;
    const job = { trial: trial - 1, rung, values: plan.trials[trial - 1]!, epochs: plan.rungs[rung] };
    const { command, metric } = plan;
    await mkdir(dirname(checkpoint), { recursive: true });
    const { signal } = abortion;
    try {
      await runJob(job, { command, metric, checkpoint, signal, onEpoch: () => {} });
      return checkpoint;
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    }
  }

  private table(): TrialStatus[] {
    const trials = Array.from(this.begun, (key) => Number(key.split("/")[0]));
    return this.state.table(new Set(trials));
  }

  private async save(): Promise<void> {
    const { plan, journal, lock, state, id } = this;
    lock.assert();
    await journal.write(plan.identity, { id, results: state.all }, plan.trials);
    if (performance.now() < this.nextReport) return;
    const isFirst = this.nextReport === Number.NEGATIVE_INFINITY;
    const failure = await this.report();
    // Later, a spreadsheet may have it open: that is no reason to end what has run for hours.
    if (isFirst && failure) throw failure;
  }

  /** Returns why the report could not be written, if so. */
  private async report(): Promise<WriteError | undefined> {
    const { plan, state } = this;
    const { space, metric, dir } = plan;
    const table = this.table();
    try {
      await writeWhole(join(dir, "results.csv"), resultsCsv(space, metric, table));
      await writeWhole(join(dir, "report.html"), reportPage({ space, metric, table, results: state.all }));
      this.nextReport = performance.now() + REPORT_INTERVAL;
      return undefined;
    } catch (error) {
      if (!(error instanceof WriteError)) throw error;
      this.nextReport = performance.now() + PAUSE;
      return error;
    }
  }

  private emit(event: SweepEvent): void {
    this.options.onEvent?.(event);
  }
}

const keyOf = ({ trial, rung }: Job): string => `${trial}/${rung}`;
