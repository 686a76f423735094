import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CASES } from "../../bench/cases/cases.js";
import { type Implementation, runInterleaved } from "../../bench/peers/interleave.js";
import { run } from "./run.js";

const COMPETITORS = fileURLToPath(new URL("../../bench/competitors", import.meta.url));
const node = (name: string, ...args: string[]): Implementation<string> => ({
  name,
  program: { command: process.execPath, args, folder: COMPETITORS, threads: 1 },
});
const spec = CASES.find(({ name }) => name === "next-word")!;

describe("interleaved rounds", () => {
  test("give a rate each, and continue without implementations that fail", async () => {
    const failures: Record<string, string> = {};
    const rates = await runInterleaved(
      spec,
      [
        node("ours", "ours.mjs", "simd"),
        node("absent", "-e", "throw new TypeError('no such thing')"),
        node("dying", "-e", "console.log('ready'); process.stdin.once('data', () => process.exit(3))"),
        { name: "missing", program: { command: "no-such-program", args: [], folder: COMPETITORS, threads: 1 } },
      ],
      { rounds: 3, time: 1 },
      {
        onPrepare: () => {},
        onFailure: (name, reason) => {
          failures[name] = reason;
        },
      },
    );
    expect([...rates.keys()]).toEqual(["ours"]);
    const ours = rates.get("ours")!;
    expect(ours).toHaveLength(3);
    for (const rate of ours) expect(rate).toBeGreaterThan(0);
    expect(failures["absent"]).toBe("TypeError: no such thing");
    expect(failures["dying"]).toBe("it ended with 3");
    expect(failures["missing"]).toContain("no-such-program");
  });
});

describe("npm run bench:peers", () => {
  test("names what is missing, and continues without it", async () => {
    const args = ["--json", "--competitor", "pytorch", "--competitor", "numpy", "--case", "hamlet"];
    const { code, stdout, stderr } = await run("peers/main.js", args, { PYTHON: "no-such-python" });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^skipping pytorch: .*no-such-python/m);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ results: [], ratios: [] });
    expect(report.skipped.map(({ implementation }: { implementation: string }) => implementation)).toEqual([
      "pytorch",
      "numpy",
    ]);
  });

  test("--lengths trains on examples beside PyTorch, where there is one", async () => {
    const args = ["--json", "--lengths", "--rounds", "1", "--time", "1"];
    const { code, stdout, stderr } = await run("peers/main.js", args, { PYTHON: "no-such-python" });
    expect(code).toBe(0);
    for (const way of ["packed", "padded"])
      expect(stderr).toMatch(new RegExp(`^skipping pytorch-${way}: .*no-such`, "m"));
    expect(JSON.parse(stdout)).toMatchObject({ lengths: true, results: [], ratios: [] });
  });

  test.each([
    [["--case", "hamlet2"]],
    [["--competitor", "keras"]],
    [["--rounds", "-1"]],
    [["--threads", "0"]],
    [["--from", "x", "--case", "wide"]],
    [["--lengths", "--case", "wide"]],
    [["--from", "x", "--lengths"]],
    [["word"]],
  ])("refuses %j with exit status 2", async (args) => {
    const { code, stderr } = await run("peers/main.js", args);
    expect(code).toBe(2);
    expect(stderr).toContain("--help");
  });
});
