import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { withMore } from "../full.js";
import { type Launcher, launchers } from "./launchers.js";

const PROGRAM = fileURLToPath(new URL("program.mjs", import.meta.url));
const found = launchers();
// One, unless FULL=1: what differs between them is a table of constants.
const chosen = inject("full") ? found : found.slice(0, 1);
/** Ranks, and the threads of each: of the first, the second, the first again … */
const SHAPES: [number, string][] = [
  [3, "1,2"],
  ...withMore<[number, string]>(
    [],
    [1, 2, 3, 4].flatMap((ranks) => ["1", "2"].map((threads): [number, string] => [ranks, threads])),
  ),
];

interface Failure {
  readonly name: string;
  readonly rank?: number;
  readonly kind?: string;
  readonly message: string;
}
type Results = Record<string, unknown> &
  Record<
    "options" | "early" | "late" | "data" | "evaluation" | "prediction" | "invalid" | "aborted" | "divergence",
    Failure
  >;

/** What came out in each rank. */
async function run(start: string[], args: string[], env: NodeJS.ProcessEnv = {}): Promise<Results[]> {
  // Files, since a launcher mixes the parts of long lines.
  const folder = await mkdtemp(join(tmpdir(), "lstm-wasm-ranks-"));
  try {
    const [file, ...rest] = [...start, process.execPath, PROGRAM, folder, ...args];
    await promisify(execFile)(file!, rest, { env: { ...process.env, ...env }, timeout: 60_000 });
    const names = (await readdir(folder)).sort();
    return await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Results),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const over = ({ command, library = "", env }: Launcher, ranks: number, threads: string): Promise<Results[]> =>
  run(command(ranks), [library, threads], env);

describe.skipIf(chosen.length === 0)("training over MPI", async () => {
  const alone = chosen.length === 0 ? [] : await run([], ["alone"]);
  const SHARED = [
    ...["evaluated", "evaluated windows", "predicted", "generated", "generated once"],
    ...["next tokens", "next tokens by windows"],
  ];
  const SAVED = Object.keys(alone[0] ?? {}).filter((name) => Array.isArray(alone[0]![name]) || name === "resumed");

  for (const launcher of chosen)
    for (const [ranks, threads] of SHAPES)
      test(`${launcher.name}: ${ranks} ranks of ${threads} threads save what one process does`, async () => {
        const all = await over(launcher, ranks, threads);
        expect(all).toHaveLength(ranks);
        for (const name of SAVED) expect(all[0]![name], name).toEqual(alone[0]![name]);
        // The others know the losses too.
        const losses = (results: Results) =>
          Object.values(results).flatMap((result) => (Array.isArray(result) ? [result[1]] : []));
        for (const results of all) expect(losses(results)).toEqual(losses(alone[0]!));
        for (const [rank, results] of all.entries())
          for (const name of SHARED)
            expect(results[name], name).toEqual([rank, ...(alone[0]![name] as unknown[]).slice(1)]);
        for (const { divergence } of all) expect(divergence).toEqual(alone[0]!.divergence);
        if (ranks === 1) return;
        for (const [rank, results] of all.entries()) {
          const { options, data, evaluation, prediction, invalid, aborted } = results;
          if (rank > 0)
            expect(results["left by rank 0"]).toMatchObject({ name: "RankError", rank: 0, kind: "interrupted" });
          expect(options).toMatchObject({ name: "RankError", rank: 1, kind: "differs" });
          expect(options.message).toMatch(/^rank 1 on \S+: learningRate is 0\.5, on rank 0 0\.002$/);
          expect(data.message).toMatch(/^rank 1 on \S+: the training data is \w{16}, on rank 0 \w{16}$/);
          expect(evaluation.message).toMatch(/^rank 1 on \S+: the data is \w{16}, on rank 0 \w{16}$/);
          expect(prediction).toMatchObject(rank === 1 ? { name: "InputError" } : { rank: 1, kind: "failed" });
          expect(invalid).toMatchObject(rank === 1 ? { name: "OptionError" } : { name: "RankError", kind: "failed" });
          expect(invalid.message).toMatch(/epochs: expected an integer of at least 1, got -1/);
          const { early, late } = results;
          expect(early).toMatchObject(rank === 1 ? { name: "AbortError" } : { rank: 1, kind: "failed" });
          expect(late).toMatchObject(
            rank === 1 ? { message: "late" } : { rank: 1, kind: "failed", message: expect.stringMatching(/: late$/) },
          );
          expect(aborted).toMatchObject(rank === 1 ? { name: "TimeoutError" } : { rank: 1, kind: "interrupted" });
        }
      });
});
