import type { Backend } from "#lstm/kernels/kernels.js";
import { COMPETITORS } from "../cases/competitors.js";
import type { PeersReport, Skipped } from "../report/peers-report.js";
import { count } from "../report/table.js";

/** Columns of text, the others of numbers. */
const TEXT = 2;

/** Each competitor's throughput, and how many times as fast our backends are, as lines of text; then what was skipped. */
export function ratioTable({ results, ratios, skipped }: PeersReport, backends: readonly Backend[]): string {
  const shown = backends.filter((backend) => ratios.some((ratio) => ratio.backend === backend));
  const lines = [["case", "beside", "threads", "tokens/s", ...shown.map((backend) => `${backend} ×`)]];
  for (const { case: name, implementation, threads, version, tokensPerSecond } of results) {
    const competitor = COMPETITORS.find((candidate) => candidate.name === implementation);
    if (!competitor) continue;
    const cells = shown.map((backend) => {
      const found = ratios.find(
        (r) => r.case === name && r.competitor === implementation && r.threads === threads && r.backend === backend,
      );
      return found ? found.ratio.toPrecision(3) : "–";
    });
    lines.push([name, `${competitor.title} ${version ?? ""}`, String(threads), count(tokensPerSecond), ...cells]);
  }
  return textTable(lines, skipped);
}

/** Lines of cells, below each other: two columns of text, the others of numbers; then what was skipped. */
export function textTable(lines: readonly (readonly string[])[], skipped: readonly Skipped[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const table = lines.map((line) =>
    line.map((cell, i) => (i < TEXT ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
  const notes = skipped.map(
    ({ implementation, case: name, reason }) =>
      `skipped: ${implementation}${name === undefined ? "" : ` on ${name}`}: ${reason}`,
  );
  return `${[...table, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n")}\n`;
}
