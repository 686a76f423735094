import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

const campaign = (...args: string[]) =>
  spawnSync(process.execPath, ["scripts/run.mjs", "campaign", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PYTHON: "" },
  });

test("a small campaign finds nothing, and says what it tried", { timeout: 120_000 }, () => {
  const counts = ["--configurations=2", "--stops=3", "--kills=1", "--mutants=100", "--commands=2", "--networks=4"];
  const { status, stdout, stderr } = campaign("--seed=1", ...counts);
  expect(stdout).toMatch(/^SKIPPED PyTorch: .*\nnetworks: 4 networks beside the float64 reference; 0 failures$/m);
  expect(stdout).toMatch(/^resumption: 2 configurations, 6 stops; 0 failures$/m);
  expect(stdout).toMatch(/^kills: 1 kills; 0 failures$/m);
  expect(stdout).toMatch(/^mutants: 100 mutants, of which \d+ load; 0 failures$/m);
  expect(stdout).toMatch(/^commands: 2 commands on mutants \(.*\); 0 failures\nseed 1: no failures\n$/m);
  expect(status, stderr).toBe(0);
});

test("what it is asked for has to make sense", () => {
  expect(campaign("--configurations=4")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/--seed: expected/),
  });
});
