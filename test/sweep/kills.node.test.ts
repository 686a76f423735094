import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lstmWasm } from "../cli/run.js";
import { FULL } from "../full.js";
import { ROOT } from "../root.js";
import { emptyFolder, resultsIn, runKilled } from "./sweeps.js";

/** As `npm run train` has it, but for fewer epochs and with a part held out. */
const HAMLET = ["--preset", "hamlet", "--epochs", "27", "--validation-fraction", "0.1", "--checkpoint-every", "3"];
const AIRLINE = [
  ...["--csv", join(ROOT, "examples", "airline-passengers.csv"), "--target", "passengers"],
  ...["--season", "12", "--horizon", "12", "--epochs", "8", "--checkpoint-every", "1"],
];
const VARY = [
  "--vary",
  "hidden-size=8,16,25",
  "--vary",
  "dropout=0:0.5",
  "--vary",
  "learning-rate=1e-3:1e-1",
  "--trials",
  "30",
];
const LIMIT = 600_000;

describe.skipIf(!FULL)(`a sweep of 30 trials that is killed ten times${FULL ? "" : " (SKIPPED: FULL=1)"}`, () => {
  test.each([
    ["Hamlet, at random", ["--sampler", "random"], HAMLET],
    ["Hamlet, on a grid", ["--sampler", "grid"], HAMLET],
    ["Hamlet, halved", ["--sampler", "halving"], HAMLET],
    ["airline passengers, at random", ["--sampler", "random"], AIRLINE],
    ["airline passengers, halved", ["--sampler", "halving"], AIRLINE],
  ])(
    "%s: ends with the table of one that was never killed",
    async (_, sampler, train) => {
      const folder = await emptyFolder();
      const vary = sampler.includes("grid") ? [...VARY.slice(0, 4), "--trials", "30"] : VARY;
      const args = (name: string, parallel: number) => [
        ...[...vary, ...sampler, "--json", "--dir", join(folder, name), "--parallel", `${parallel}`, "--", ...train],
      ];
      // As many at once makes no difference either.
      expect((await lstmWasm(["sweep", ...args("unbroken", 3)])).code).toBe(0);
      const kills = await runKilled(args("killed", 2), join(folder, "killed"), 10, train.length);
      expect(kills.sweeps + kills.trials).toBe(10);
      const results = await resultsIn(join(folder, "unbroken"));
      expect(results.trimEnd().split("\n")).toHaveLength(31);
      expect(await resultsIn(join(folder, "killed"))).toBe(results);
    },
    LIMIT,
  );
});
