import { areAlike } from "../../common/content.js";
import type { RunInfo } from "../../common/protocol.js";
import { labelOf } from "../options/labels.js";

/** Settings that are named of a run, at most. */
const MOST = 2;
/** Settings that say nothing of how a run goes, that only the page sets, or that the curve shows. */
const UNNAMED = ["epochs", "scheduleEpochs", "threads", "gradientShards", "backend", "inputSize", "outputSize"];

/** Whether two runs' losses can be compared: they are of the same unit. */
export const areComparable = (one: RunInfo, other: RunInfo): boolean =>
  one.kind === other.kind && one.level === other.level;

/** How a run differs from another one, in a few words. */
export function differenceOf(run: RunInfo, from: RunInfo): string {
  const [own, others] = [settingsOf(run), settingsOf(from)];
  const options = Object.keys(own).filter(
    (option) => !UNNAMED.includes(option) && String(own[option]) !== String(others[option]),
  );
  const named = options.slice(0, MOST).map((option) => `${labelOf(option)} ${own[option]}`);
  const more = options.length > MOST ? ` and ${options.length - MOST} more` : "";
  if (!areAlike(run.content, from.content)) named.unshift(run.kind === "text" ? "another text" : "another table");
  return named.length === 0 ? "the same settings" : named.join(", ") + more;
}

const settingsOf = ({ model, training }: RunInfo): Readonly<Record<string, unknown>> => ({ ...model, ...training });
