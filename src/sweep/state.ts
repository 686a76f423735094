import type { Values } from "./draw.js";
import type { TrialState, TrialStatus } from "./events.js";
import type { Job, Result } from "./job.js";
import { promote } from "./rungs.js";

/** How the trials of a sweep are ordered. */
export interface Schedule {
  readonly trials: readonly Values[];
  /** Epochs of each rung; a single undefined one unless trials are halved. */
  readonly rungs: readonly (number | undefined)[];
  readonly reductionFactor: number;
}

/** All results of a sweep so far, and what follows from them: what to do next, and which trial is best. */
export class SweepState {
  /** By trial, the results of its rungs. */
  private readonly results: Result[][];

  constructor(
    private readonly schedule: Schedule,
    results: readonly (readonly Result[])[] = [],
  ) {
    this.results = schedule.trials.map((_, trial) => [...(results[trial] ?? [])]);
  }

  /** The results by trial, for the journal. */
  get all(): readonly (readonly Result[])[] {
    return this.results;
  }

  /** The number of results. */
  get count(): number {
    return this.results.reduce((sum, of) => sum + of.length, 0);
  }

  add({ trial, rung }: Job, result: Result): void {
    this.results[trial]![rung] = result;
  }

  /** What can be done now, running jobs included: the highest rung first, and in it the trial that joined first. */
  jobs(): Job[] {
    const { trials, rungs } = this.schedule;
    return this.members()
      .map((members, rung) =>
        members
          .filter((trial) => !this.results[trial]![rung])
          .map((trial): Job => ({ trial, rung, values: trials[trial]!, epochs: rungs[rung] })),
      )
      .reverse()
      .flat();
  }

  private members(): number[][] {
    const { trials, rungs, reductionFactor } = this.schedule;
    return promote(trials.length, rungs.length, reductionFactor, (trial, rung) => {
      const result = this.results[trial]![rung];
      return result && { metric: result.state === "done" ? result.metric : undefined };
    });
  }

  /**
   * All trials, the best first: those with a measure by it, then those without.
   *
   * @param running the trials that are running
   */
  table(running: ReadonlySet<number>): TrialStatus[] {
    const isOver = running.size === 0 && this.jobs().length === 0;
    const all = this.schedule.trials.map((_, trial) => this.statusOf(trial, running.has(trial), isOver));
    const rank = ({ metric = Number.POSITIVE_INFINITY }: TrialStatus) => metric;
    return all.sort((a, b) => (rank(a) === rank(b) ? a.trial - b.trial : rank(a) - rank(b)));
  }

  /** @param isOver whether no trial goes on any more */
  statusOf(trial: number, isRunning: boolean, isOver = false): TrialStatus {
    const { trials, rungs } = this.schedule;
    const results = this.results[trial]!;
    const { state = "waiting", curves: _, ...measures } = results.at(-1) ?? {};
    const isDone = results.length === rungs.length;
    const rest: TrialState = isOver ? "stopped" : "paused";
    return {
      trial: trial + 1,
      state: isRunning ? "running" : state === "done" && !isDone ? rest : state,
      values: trials[trial]!,
      ...measures,
    };
  }
}
