import { COMPETITORS } from "../cases/competitors.js";
import { EXAMPLE_CASES } from "../cases/lengths.js";
import type { PeersReport, Throughput } from "../report/peers-report.js";
import { count } from "../report/table.js";
import { textTable } from "./table.js";

/**
 * The throughput of each implementation on examples of equal and of unequal length, as lines of text: what unequal lengths leave
 * of it, and how many times that of others our fastest kernels have; then what was skipped.
 */
export function lengthsTable({ results, skipped }: PeersReport): string {
  const lines = [["units", "with", "threads", "80 steps", "40 to 120", "of it", "ours ×", "mixed ×"]];
  for (const [equal, mixed] of pairs()) {
    const on = (name: string, { implementation, threads }: Throughput) =>
      results.find((r) => r.case === name && r.implementation === implementation && r.threads === threads);
    for (const own of results.filter((result) => result.case === equal.name)) {
      const other = on(mixed.name, own);
      if (!other) continue;
      const competitor = COMPETITORS.find(({ name }) => name === own.implementation);
      const best = (name: string) =>
        Math.max(
          ...results
            .filter((r) => r.case === name && r.threads === own.threads)
            .filter((r) => !COMPETITORS.some((each) => each.name === r.implementation))
            .map((r) => r.tokensPerSecond),
        );
      const times = (result: Throughput) =>
        competitor ? (best(result.case) / result.tokensPerSecond).toPrecision(3) : "";
      lines.push([
        String(equal.hiddenSize),
        competitor ? `${competitor.title} ${own.version ?? ""}` : own.implementation,
        String(own.threads),
        ...[own, other].map(({ tokensPerSecond }) => count(tokensPerSecond)),
        `${((100 * other.tokensPerSecond) / own.tokensPerSecond).toFixed(0)} %`,
        ...[own, other].map(times),
      ]);
    }
  }
  return textTable(lines, skipped);
}

/** The cases of equal length, each with that of unequal length. */
const pairs = () => EXAMPLE_CASES.flatMap((equal, i) => (i % 2 === 0 ? [[equal, EXAMPLE_CASES[i + 1]!] as const] : []));
