import type { TrialStatus } from "./events.js";
import type { Dimension } from "./space.js";

/**
 * All trials as a CSV table, the best first. It has no times, so that the same sweep always ends with the same bytes.
 */
export function resultsCsv(space: readonly Dimension[], metric: string, table: readonly TrialStatus[]): string {
  const measures = ["trainLoss", "validationLoss", "bestEpoch", "parameters"] as const;
  const isMeasured = (measures as readonly string[]).includes(metric);
  const head = ["rank", "trial", "state", ...space.map(({ name }) => name), "epochs", ...(isMeasured ? [] : [metric])];
  const rows = table.map((status, i) => [
    ...[i + 1, status.trial, status.state],
    ...space.map(({ option }) => status.values[option]),
    status.epochs,
    ...(isMeasured ? [] : [status.metric]),
    ...measures.map((name) => status[name]),
  ]);
  return [[...head, ...measures], ...rows].map((row) => `${row.map((cell) => cell ?? "").join(",")}\n`).join("");
}
