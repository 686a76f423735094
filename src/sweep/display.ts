import { flagName } from "../cli/flags.js";
import { counted } from "../cli/terminal.js";
import type { SweepEvent, SweepStart, TrialStatus } from "./events.js";
import type { Plan } from "./plan.js";
import { shown } from "./report/words.js";
import { tableLines } from "./table.js";

/** Shortest time between two drawings, in milliseconds. */
const INTERVAL = 200;

/** Shows a sweep on stderr: on a terminal a table that is always current, elsewhere a line for each result. */
export class SweepDisplay {
  private readonly stream = process.stderr;
  private readonly trials = new Map<number, TrialStatus>();
  /** The last line of each trial: one that is given back has no other result. */
  private readonly told = new Map<number, string>();
  private drawnAt = Number.NEGATIVE_INFINITY;
  private drawnLines = 0;

  constructor(private readonly plan: Plan) {}

  show(event: SweepEvent): void {
    if (event.event === "start") this.stream.write(`${this.describe(event)}\n`);
    if (event.event === "trial") this.update(event);
    if (event.event === "notice") {
      this.clear();
      this.stream.write(`${event.message}\n`);
    }
    if (event.event === "epoch") {
      const before = this.trials.get(event.trial);
      if (before) this.trials.set(event.trial, { ...before, ...current(event) });
    }
    if (event.event === "end") this.clear();
    else if (this.stream.isTTY && performance.now() - this.drawnAt > INTERVAL) this.draw();
  }

  /** Removes the table, so that other output starts on a clean line. */
  clear(): void {
    if (this.drawnLines > 0) this.stream.write(`\x1b[${this.drawnLines}A\r\x1b[J`);
    this.drawnLines = 0;
  }

  private update(status: TrialStatus): void {
    this.trials.set(status.trial, status);
    const { trial, state, epochs, metric, error } = status;
    if (this.stream.isTTY || state === "running" || state === "waiting") return;
    const values = Object.entries(status.values).map(([option, value]) => `${flagName(option)} ${value}`);
    const measured = metric === undefined ? "" : `, ${this.plan.metric} ${shown(metric)}`;
    const after = epochs === undefined ? "" : ` after ${counted(epochs, "epoch")}`;
    const why = error === undefined ? "" : ` (${error})`;
    const line = `trial ${trial} ${state}${after}${measured}: ${values.join(", ")}${why}\n`;
    if (this.told.get(trial) === line) return;
    this.told.set(trial, line);
    this.stream.write(line);
  }

  private describe({ trials, sampler, metric, rungs, parallel, results }: SweepStart): string {
    const where = parallel === undefined ? "by the workers of the queue" : `${parallel} at once`;
    const epochs = rungs ? `, for ${rungs.join(", ")} epochs` : "";
    const more = results > 0 ? `. Goes on with ${counted(results, "result")}` : "";
    const how = { grid: "on a grid", random: "at random", halving: "at random, halved" }[sampler];
    return `${counted(trials, "trial")} ${how}${epochs}, ${where}, compared by ${metric}${more}`;
  }

  /** As many trials as the terminal has room for: the running ones and the best. */
  private draw(): void {
    this.clear();
    const { rows = 24, columns = 80 } = this.stream;
    const rank = ({ state, metric = Number.POSITIVE_INFINITY }: TrialStatus) => [state === "running" ? 0 : 1, metric];
    const sorted = [...this.trials.values()].sort((a, b) => {
      const [[p, x], [q, y]] = [rank(a), rank(b)] as [number[], number[]];
      return p! - q! || (x === y ? a.trial - b.trial : x! - y!);
    });
    const lines = tableLines(this.plan.space, this.plan.metric, sorted.slice(0, Math.max(1, rows - 4)));
    const hidden = this.plan.trials.length - Math.min(sorted.length, Math.max(1, rows - 4));
    const all = hidden > 0 ? [...lines, `… and ${counted(hidden, "trial")} more`] : lines;
    this.stream.write(all.map((line) => `${[...line].slice(0, columns - 1).join("")}\n`).join(""));
    this.drawnLines = all.length;
    this.drawnAt = performance.now();
  }
}

/** What an epoch says of its trial. */
const current = ({
  epoch,
  trainLoss,
  validationLoss,
}: Extract<SweepEvent, { event: "epoch" }>): Partial<TrialStatus> => ({
  epochs: epoch,
  trainLoss,
  ...(validationLoss === undefined ? {} : { validationLoss }),
});
