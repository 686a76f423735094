import { join } from "node:path";
import { optionsFrom, parseFlags, UsageError } from "../cli/flags.js";
import { Interruption } from "../cli/interruption.js";
import { releaseAll } from "../cli/lock.js";
import { refuseSameFiles, shownPath } from "../cli/paths.js";
import { counted } from "../cli/terminal.js";
import { troubles } from "../cli/troubles.js";
import { quote, toJson } from "../common/show.js";
import { SweepDisplay } from "./display.js";
import { SweepError } from "./errors.js";
import type { SweepEnd, SweepEvent } from "./events.js";
import { SWEEP_FLAGS, SWEEP_HELP } from "./flags.js";
import { SWEEP_OPTIONS, type SweepOptions } from "./options.js";
import { type Plan, planSweep } from "./plan.js";
import { sweep } from "./sweep.js";
import { tableLines } from "./table.js";

/** The folder of a sweep, if nobody names one. */
const USUAL_DIR = "sweep";

/** `lstm-wasm sweep`. */
export async function sweepCommand(args: string[]): Promise<number> {
  const end = args.indexOf("--");
  const [own, train] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  const flags = parseFlags(SWEEP_FLAGS, own);
  if (flags.help) {
    process.stdout.write(SWEEP_HELP);
    return 0;
  }
  const interruption = new Interruption(releaseAll);
  const { signal } = interruption;
  try {
    const options = { dir: USUAL_DIR, ...optionsFrom(SWEEP_OPTIONS, flags), vary: readVary(flags.vary), train, signal };
    const plan = checked(options);
    await refuseSameFiles({ out: plan.settings.out, "the sweep's journal": join(plan.dir, "sweep.json") });
    const display = flags.quiet ? undefined : new SweepDisplay(plan);
    troubles.prepare = () => display?.clear();
    const onEvent = (event: SweepEvent) => {
      // Each epoch of each trial would be too much of it; their own logs have them.
      if (flags.json && event.event !== "epoch") process.stdout.write(`${toJson(event)}\n`);
      display?.show(event);
    };
    interruption.begin();
    const result = await sweep({ ...options, onEvent });
    if (!flags.json) printResult(plan, result);
    if (interruption.cause === "SIGPIPE") return 1;
    if (result.stopReason === "interrupted") return 130;
    return result.best ? 0 : 1;
  } finally {
    interruption.end();
  }
}

/** @throws UsageError with the names of flags */
function checked(options: SweepOptions): Plan {
  try {
    return planSweep(options);
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    throw new UsageError(error.message.replace(/^(vary|trials):/, "--$1:").replace(/^minEpochs:/, "--min-epochs:"));
  }
}

/** `hidden-size=64,128` by name. */
function readVary(given: readonly string[] = []): Record<string, string> {
  if (given.length === 0) throw new UsageError("--vary NAME=VALUES is required, such as --vary hidden-size=64,128");
  const all = new Map<string, string>();
  for (const one of given) {
    const [, name, values] = /^(?:--)?([^=]+)=(.+)$/s.exec(one) ?? [];
    if (name === undefined || values === undefined)
      throw new UsageError(`--vary: expected NAME=VALUES, such as dropout=0:0.5, got ${quote(one)}`);
    if (all.has(name)) throw new UsageError(`--vary: ${quote(name)} was given twice`);
    all.set(name, values);
  }
  // Not by assignment, which would do something else with __proto__.
  return Object.fromEntries(all);
}

function printResult({ space, metric, dir, command }: Plan, { stopReason, trials, best, checkpoint }: SweepEnd): void {
  const lines = tableLines(space, metric, trials);
  const without = trials.filter(({ metric }) => metric === undefined).length;
  lines.push("");
  if (stopReason === "interrupted") lines.push("Interrupted. The same command goes on.");
  else if (!best) lines.push(`No trial has a ${metric}.`);
  else {
    const failed = without > 0 ? ` (${counted(without, "trial")} without)` : "";
    lines.push(`Best:        trial ${best.trial}, ${metric} ${best.metric}${failed}`);
    if (checkpoint !== undefined) lines.push(`Checkpoint:  ${shownPath(checkpoint)}`);
  }
  if (best && metric !== "validationLoss" && command.flags.csv !== undefined)
    lines.push("Note:        the rows that are held out have chosen the best trial: it will do less well on new ones");
  lines.push(`Report:      ${shownPath(join(dir, "report.html"))}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}
