import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FULL } from "../full.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

const campaign = (...args: string[]) =>
  spawnSync(process.execPath, ["scripts/run.mjs", "campaign", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PYTHON: "" },
  });

const matching = (lines: string) => expect.stringMatching(new RegExp(lines, "m"));

test("a small campaign finds nothing, and says what it tried", { timeout: 120_000 }, () => {
  const sizes = FULL ? [2, 3, 1, 1, 100, 2, 4] : [1, 1, 1, 1, 50, 1, 2];
  const [configurations, stops, kills, aimed, mutants, commands, networks] = sizes;
  const counts = Object.entries({ configurations, stops, kills, aimed, mutants, commands, networks });
  const { status, stdout, stderr } = campaign("--seed=1", ...counts.map(([name, count]) => `--${name}=${count}`));
  expect(stdout).toEqual(
    matching(`^SKIPPED PyTorch: .*\nnetworks: ${networks} networks beside the float64 reference; 0 failures$`),
  );
  expect(stdout).toEqual(
    matching(`^resumption: ${configurations} configurations?, ${configurations! * stops!} stops?; 0 failures$`),
  );
  expect(stdout).toEqual(matching(`^kills: ${kills} kills?; 0 failures$`));
  expect(stdout).toEqual(matching(`^aimed: ${aimed} kills? while writing; 0 failures$`));
  expect(stdout).toEqual(matching(`^mutants: ${mutants} mutants, of which \\d+ load; 0 failures$`));
  expect(stdout).toEqual(
    matching(`^commands: ${commands} commands? on mutants \\(.*\\); 0 failures\nseed 1: no failures\n$`),
  );
  expect(status, stderr).toBe(0);
});

test("what it is asked for has to make sense", () => {
  expect(campaign("--configurations=4")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/--seed: expected/),
  });
});
