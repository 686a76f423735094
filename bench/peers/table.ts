import type { Backend } from "#lstm/kernels/kernels.js";
import { COMPETITORS } from "../cases/competitors.js";
import type { PeersReport } from "../report/peers-report.js";
import { count } from "../report/table.js";

/** Each competitor's throughput, and how many times as fast our backends are, as lines of text. */
export function ratioTable({ results, ratios }: PeersReport, backends: readonly Backend[]): string {
  const lines = [["case", "competitor", "tokens/s", ...backends.map((backend) => `${backend} ×`)]];
  for (const { case: name, implementation, version, tokensPerSecond } of results) {
    const competitor = COMPETITORS.find((candidate) => candidate.name === implementation);
    if (!competitor) continue;
    const cells = backends.map((backend) => {
      const found = ratios.find((r) => r.case === name && r.competitor === implementation && r.backend === backend);
      return found ? found.ratio.toPrecision(3) : "–";
    });
    lines.push([name, `${competitor.title} ${version ?? ""}`, count(tokensPerSecond), ...cells]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
    .join("\n")
    .concat("\n");
}
