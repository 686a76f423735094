import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { availableThreads } from "#platform";
import { Lock } from "../cli/lock.js";
import { shownPath, targetOf, unwritable, WriteError } from "../cli/paths.js";
import { checkWritable, writeWhole } from "../cli/write.js";
import { Arrivals } from "./arrivals.js";
import { copyCheckpoint } from "./copy-checkpoint.js";
import { digestsOf } from "./data-files.js";
import { SweepError } from "./errors.js";
import type { SweepEnd, SweepEvent, TrialStatus } from "./events.js";
import type { Job, Result, Runner } from "./job.js";
import { Journal } from "./journal.js";
import { checkpointIn, LocalRunner, makeFolderOf, runJob } from "./local-runner.js";
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
/** How many times as long as a writing took it is until the next: with thousands of trials, a tenth of the time goes into it. */
const REST = 9;
/** One that takes no longer than this, in milliseconds, does not count. */
const BRIEF = 100;

/**
 * Trains a model many times with different options, and finds the best: each trial is a process of `lstm-wasm train`.
 * All that the sweep needs to go on is in its folder: the same call after a kill, at any moment, ends with the same
 * table. The folder has besides `results.csv`, `report.html` and the trials' checkpoints.
 *
 * @returns the trials, the best first
 * @throws OptionError, SweepError, UsageError for invalid options
 * @throws InputError if a file of data cannot be read
 * @throws SweepError if the folder has another sweep, or one of other data
 * @throws LockError if another process is at work in it
 * @throws QueueError if the queue cannot be used
 * @throws WriteError if a file cannot be written, a trial's checkpoint included; where it is only the report, after all
 *   trials are done
 */
export async function sweep(options: SweepOptions): Promise<SweepEnd> {
  const checked = planSweep(options);
  const data = await digestsOf(checked.command.dataFiles);
  const plan: Plan = { ...checked, data, identity: { ...checked.identity, data } };
  const { dir, settings } = plan;
  await mkdir(dir, { recursive: true }).catch((error) => {
    throw unwritable(dir, error);
  });
  if (settings.out !== undefined) await checkWritable(settings.out);
  const journal = Journal.in(dir);
  const lock = await Lock.take(await targetOf(journal.path), settings.force);
  try {
    const begun = await journal.read(plan.identity);
    const id = begun?.id ?? randomUUID();
    const results = begun?.results ?? [];
    if (results.length > plan.trials.length)
      throw new SweepError(
        `trials: expected at least ${results.length}, as in ${shownPath(dir)}, got ${plan.trials.length}`,
      );
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
  private readonly running = new Map<string, Promise<unknown>>();
  /** Those among them that somebody is at work on. */
  private readonly begun = new Set<string>();
  private readonly arrivals = new Arrivals<{ job: Job; result: Result }>();
  /** Jobs with a result that the journal does not have yet. */
  private readonly unsaved: Job[] = [];
  /** When the journal is due again. */
  private nextSave = Number.NEGATIVE_INFINITY;
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
        ...(plan.settings.queue === undefined ? { parallel: runner.slots } : {}),
        results: state.count,
      });
      await this.save(runner);
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
      const tell = (message: string) => this.emit({ event: "notice", message });
      return QueueRunner.connect({ id, plan, queue, store, signal, tell });
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
    const { running, abortion } = this;
    const { signal } = abortion;
    try {
      for (;;) {
        if (!signal.aborted) this.startJobs(runner);
        if (running.size === 0) break;
        const outcomes = await this.arrivals.take();
        this.takeAll(outcomes);
        if (performance.now() >= this.nextSave) await this.save(runner);
        const failure = outcomes.find((outcome) => outcome.status === "rejected");
        if (failure) throw failure.reason;
      }
      await this.save(runner);
    } catch (error) {
      if (!signal.aborted) abortion.abort(error);
      await Promise.allSettled(running.values());
      this.takeAll(this.arrivals.drain());
      running.clear();
      this.begun.clear();
      const saved = this.unsaved.length > 0 ? this.write() : undefined;
      if (this.options.signal?.aborted) await saved;
      else {
        await saved?.catch(() => {});
        throw error;
      }
    }
  }

  /** Takes the results among outcomes. */
  private takeAll(outcomes: readonly PromiseSettledResult<{ job: Job; result: Result }>[]): void {
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") continue;
      const { job, result } = outcome.value;
      this.running.delete(keyOf(job));
      this.begun.delete(keyOf(job));
      this.state.add(job, result);
      this.unsaved.push(job);
      this.emit({ event: "trial", ...this.state.statusOf(job.trial, false) });
    }
  }

  private startJobs(runner: Runner): void {
    const { running, state } = this;
    for (const job of state.jobs()) {
      if (running.size >= runner.slots) return;
      const key = keyOf(job);
      if (running.has(key)) continue;
      const outcome = runner.run(job, (isRunning) => this.watch(job, isRunning)).then((result) => ({ job, result }));
      running.set(key, outcome);
      this.arrivals.add(outcome);
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
    await makeFolderOf(checkpoint);
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

  private async save(runner: Runner): Promise<void> {
    await this.write();
    for (const job of this.unsaved.splice(0)) await runner.forget(job);
    if (performance.now() < this.nextReport) return;
    const isFirst = this.nextReport === Number.NEGATIVE_INFINITY;
    const failure = await this.report();
    // Later, a spreadsheet may have it open: that is no reason to end what has run for hours.
    if (isFirst && failure) throw failure;
  }

  private async write(): Promise<void> {
    const { plan, journal, lock, state, id } = this;
    const start = performance.now();
    lock.assert();
    await journal.write(plan.identity, { id, results: state.all }, plan.trials);
    this.nextSave = nextAfter(start);
  }

  /** Returns why the report could not be written, if so. */
  private async report(): Promise<WriteError | undefined> {
    const { plan, state } = this;
    const { space, metric, dir } = plan;
    const start = performance.now();
    const table = this.table();
    try {
      await writeWhole(join(dir, "results.csv"), resultsCsv(space, metric, table));
      await writeWhole(join(dir, "report.html"), reportPage({ space, metric, table, results: state.all }));
      this.nextReport = Math.max(start + REPORT_INTERVAL, nextAfter(start));
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

/** When something is due again that began then and has just ended. */
function nextAfter(start: number): number {
  const now = performance.now();
  return now - start < BRIEF ? now : now + REST * (now - start);
}
