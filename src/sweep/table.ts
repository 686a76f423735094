import { duration } from "../cli/terminal.js";
import { display } from "../common/show.js";
import type { TrialStatus } from "./events.js";
import { shown } from "./report/words.js";
import type { Dimension } from "./space.js";

/** Longest error in a table, in UTF-16 units. */
const LONGEST_ERROR = 80;

/** A table of trials for a terminal, in lines. */
export function tableLines(space: readonly Dimension[], metric: string, table: readonly TrialStatus[]): string[] {
  const head = ["trial", "state", ...space.map(({ name }) => name), "epochs", metric, "train loss", "time", ""];
  const rows = table.map(({ trial, state, values, epochs, metric, trainLoss, seconds, error }) => [
    ...[String(trial), state],
    ...space.map(({ option }) => String(values[option] ?? "–")),
    ...[String(epochs ?? ""), shown(metric), shown(trainLoss), seconds === undefined ? "" : duration(seconds)],
    error === undefined ? "" : display(error, LONGEST_ERROR),
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const last = head.length - 1;
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => (i === 1 || i === last ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}
