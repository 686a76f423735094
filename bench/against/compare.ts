import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { LstmError } from "#lstm/common/errors.js";
import { median } from "../common/statistics.js";
import type { Result } from "../measure/measure.js";
import type { Report } from "../report/report.js";

/** A case in a variant, in two checkouts. */
export interface Comparison extends Pick<Result, "case" | "backend" | "threads"> {
  /** Tokens per second, medians over the rounds. */
  readonly here: number;
  readonly there: number;
  /** Here divided by there, round by round: the median, the smallest and the largest. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Runs the benchmark of two checkouts in turns, each in processes of its own, so that both see the same minutes of a shared
 * machine. Cases that only one of them has are left out.
 *
 * @param args the flags of both
 */
export function compare(here: string, there: string, args: readonly string[], rounds: number): Comparison[] {
  const samples: { here: Result[]; there: Result[] }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Whoever is second finds a warmer machine.
    const isSwapped = round % 2 === 1;
    const first = resultsOf(isSwapped ? there : here, args);
    const second = resultsOf(isSwapped ? here : there, args);
    samples.push(isSwapped ? { here: second, there: first } : { here: first, there: second });
  }
  return samples[0]!.here.flatMap((subject) => {
    const pairs = samples.map((sample) => [find(sample.here, subject), find(sample.there, subject)]);
    if (pairs.some(([a, b]) => a === undefined || b === undefined)) return [];
    const speeds = pairs as [number, number][];
    const ratios = speeds.map(([a, b]) => a / b);
    return [
      {
        case: subject.case,
        backend: subject.backend,
        threads: subject.threads,
        here: median(speeds.map(([a]) => a)),
        there: median(speeds.map(([, b]) => b)),
        ratio: median(ratios),
        lowest: Math.min(...ratios),
        highest: Math.max(...ratios),
      },
    ];
  });
}

const find = (results: readonly Result[], subject: Result): number | undefined =>
  results.find(
    ({ case: name, backend, threads }) =>
      name === subject.case && backend === subject.backend && threads === subject.threads,
  )?.tokensPerSecond;

function resultsOf(folder: string, args: readonly string[]): Result[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, join("build", "bench", "main.js"), "--json", "--rounds", "1", ...args],
    { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 },
  );
  if (status !== 0) throw new LstmError(`the benchmark in ${folder} failed: ${stderr.trim().split("\n")[0]}`);
  return [...(JSON.parse(stdout) as Report).results];
}
