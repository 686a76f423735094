import { createInterface } from "node:readline";

/** Runs before the first turn, at least, unless they take too many milliseconds. */
const WARMUP_RUNS = 3;
const LONGEST_WARMUP = 10_000;

/**
 * The contestant's side of a contest. Started with a case and the milliseconds of a turn, it says `version …`, prepares
 * and warms up, says `ready`, and answers each line on stdin with `rate TOKENS_PER_SECOND` of one turn. Started without a
 * case it only says its version.
 *
 * @param {string} version
 * @param {string[]} args the case as JSON, as in bench/cases.ts, and the milliseconds
 * @param {(spec: object) => Promise<{ tokens: number, run: () => unknown }>} prepare sets a case up; a run handles so many
 *   tokens
 */
export async function serve(version, [json, time], prepare) {
  process.stdout.write(`version ${version}\n`);
  if (json === undefined) return;
  const { tokens, run } = await prepare(JSON.parse(json));

  async function turn(leastRuns) {
    const start = performance.now();
    for (let runs = 1; ; runs++) {
      await run();
      const elapsed = performance.now() - start;
      if (elapsed >= Number(time) && (runs >= leastRuns || elapsed >= LONGEST_WARMUP))
        return (1000 * tokens * runs) / elapsed;
    }
  }

  await turn(WARMUP_RUNS);
  process.stdout.write("ready\n");
  for await (const _ of createInterface({ input: process.stdin })) process.stdout.write(`rate ${await turn(1)}\n`);
}
