import { createInterface } from "node:readline";

/** Runs before the first sample, at least, unless they take too many milliseconds. */
const WARMUP_RUNS = 3;
const LONGEST_WARMUP = 10_000;

/** How many threads to compute on, where the library lets one choose. */
export const THREADS = Number(process.env.OMP_NUM_THREADS ?? 1);

/**
 * The implementation's side of bench/peers/bench-process.ts. Given a case and the milliseconds per sample, it prints
 * `version …`, sets the case up, warms up, prints `ready`, and answers each line on stdin with one sample,
 * `rate TOKENS_PER_SECOND`. A sample begins with a run that does not count: others have used the caches. Without a case it only
 * prints its version.
 *
 * @param {string} version
 * @param {string[]} args a case of bench/cases/cases.ts as JSON, then the milliseconds
 * @param {(spec: object) => Promise<{ tokens: number, run: () => unknown }>} prepare sets a case up; `tokens` is per run
 */
export async function serve(version, [json, time], prepare) {
  process.stdout.write(`version ${version}\n`);
  if (json === undefined) return;
  const { tokens, run } = await prepare(JSON.parse(json));

  async function sample(leastRuns) {
    const start = performance.now();
    for (let runs = 1; ; runs++) {
      await run();
      const elapsed = performance.now() - start;
      if (elapsed >= Number(time) && (runs >= leastRuns || elapsed >= LONGEST_WARMUP))
        return (1000 * tokens * runs) / elapsed;
    }
  }

  await sample(WARMUP_RUNS);
  process.stdout.write("ready\n");
  for await (const _ of createInterface({ input: process.stdin })) {
    await run();
    process.stdout.write(`rate ${await sample(1)}\n`);
  }
}
