import { escapedMarkup } from "../../common/show.js";
import type { TrialStatus } from "../events.js";
import type { Result } from "../job.js";
import type { Dimension } from "../space.js";
import { curvesPlot } from "./curves-plot.js";
import { parallelCoordinates } from "./parallel-coordinates.js";
import { describeValues, shown } from "./words.js";

/** What a report shows. */
export interface Report {
  readonly space: readonly Dimension[];
  readonly metric: string;
  /** All trials, the best first. */
  readonly table: readonly TrialStatus[];
  /** By trial. */
  readonly results: readonly (readonly Result[])[];
}

/** Most trials that are drawn: more lines would hide one another, and take a browser long. */
const MOST_DRAWN = 1000;

/** What a browser may load for the page: nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
:root { color-scheme: light; }
body { font: 14px/1.5 system-ui, sans-serif; color: #1f2937; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
svg { width: 100%; height: auto; }
polyline { fill: none; stroke-opacity: 0.5; }
polyline:hover { stroke-width: 4; stroke-opacity: 1; }
div { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.7rem; text-align: right; border-bottom: 1px solid #e5e7eb; white-space: nowrap; }
tbody tr:first-child { font-weight: 600; }
`;

/** A sweep as a page: one file that loads nothing, and runs no script. */
export function reportPage({ space, metric, table, results }: Report): string {
  const done = table.filter(({ metric }) => metric !== undefined);
  const [best] = done;
  const drawn = done.slice(0, MOST_DRAWN);
  const running = table.filter(({ state }) => state === "running").length;
  const summary = best
    ? `Best of ${done.length}: trial ${best.trial}, ${metric} ${shown(best.metric)} with ${describeValues(best)}.`
    : "No trial has a result yet.";
  const less = drawn.length < done.length ? ` The best ${drawn.length} are drawn.` : "";
  const more = (running > 0 ? ` ${running} running.` : "") + less;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Sweep of ${table.length} trials</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Sweep of ${table.length} trials</h1>
<p>${escapedMarkup(summary + more)}</p>
<h2>Losses by epoch</h2>
${curvesPlot(drawn, results)}
<h2>Options and ${metric}</h2>
${parallelCoordinates(space, metric, drawn)}
<h2>All trials</h2>
<div>${tableOf(space, metric, table)}</div>
</body>
</html>
`;
}

function tableOf(space: readonly Dimension[], metric: string, table: readonly TrialStatus[]): string {
  const head = ["trial", "state", ...space.map(({ name }) => name), "epochs", metric, "train loss"];
  const rows = table.map(({ trial, state, values, epochs, metric, trainLoss, error }) => [
    ...[trial, error === undefined ? state : `${state}: ${error}`],
    ...space.map(({ option }) => values[option]),
    ...[epochs, shown(metric), shown(trainLoss)],
  ]);
  const row = (cells: readonly unknown[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapedMarkup(String(cell ?? ""))}</${tag}>`).join("")}</tr>`;
  const body = rows.map((cells) => row(cells, "td")).join("\n");
  return `<table><thead>${row(head, "th")}</thead><tbody>\n${body}\n</tbody></table>`;
}
