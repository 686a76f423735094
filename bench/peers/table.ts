import type { Backend } from "#lstm/kernels/kernels.js";
import { count } from "../table.js";
import type { PeersReport } from "./report.js";
import { COMPETITORS } from "./rivals.js";

/** Who was measured, at what speed, and how many times as fast our backends were, in lines of text. */
export function ratioTable({ results, ratios }: PeersReport, backends: readonly Backend[]): string {
  const lines = [["case", "beside", "tokens/s", ...backends.map((backend) => `${backend} ×`)]];
  for (const { case: name, contestant, version, tokensPerSecond } of results) {
    const rival = COMPETITORS.find((candidate) => candidate.name === contestant);
    if (!rival) continue;
    const cells = backends.map((backend) => {
      const found = ratios.find((r) => r.case === name && r.rival === contestant && r.backend === backend);
      return found ? found.ratio.toPrecision(3) : "–";
    });
    lines.push([name, `${rival.title} ${version ?? ""}`, count(tokensPerSecond), ...cells]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
    .join("\n")
    .concat("\n");
}
