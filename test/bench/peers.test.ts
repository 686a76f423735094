import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CASES } from "../../bench/cases.js";
import { contest, type Entrant } from "../../bench/peers/contest.js";
import { run } from "./run.js";

const RIVALS = fileURLToPath(new URL("../../bench/rivals", import.meta.url));
const node = (name: string, ...args: string[]): Entrant<string> => ({
  name,
  program: { command: process.execPath, args, folder: RIVALS },
});
const spec = CASES.find(({ name }) => name === "next-word")!;

describe("a contest", () => {
  test("gives a rate for every round, and goes on without those that fall out", async () => {
    const dropped: Record<string, string> = {};
    const rates = await contest(
      spec,
      [
        node("ours", "ours.mjs", "simd"),
        node("absent", "-e", "throw new TypeError('no such thing')"),
        node("dying", "-e", "console.log('ready'); process.stdin.once('data', () => process.exit(3))"),
        { name: "missing", program: { command: "no-such-program", args: [], folder: RIVALS } },
      ],
      { rounds: 3, time: 1 },
      {
        preparing: () => {},
        dropped: (name, reason) => {
          dropped[name] = reason;
        },
      },
    );
    expect([...rates.keys()]).toEqual(["ours"]);
    const ours = rates.get("ours")!;
    expect(ours).toHaveLength(3);
    for (const rate of ours) expect(rate).toBeGreaterThan(0);
    expect(dropped["absent"]).toBe("TypeError: no such thing");
    expect(dropped["dying"]).toBe("it ended with 3");
    expect(dropped["missing"]).toContain("no-such-program");
  });
});

describe("npm run bench:peers", () => {
  test("says what is not there, and goes on without it", async () => {
    const args = ["--json", "--rival", "pytorch", "--rival", "numpy", "--case", "hamlet"];
    const { code, stdout, stderr } = await run("peers/main.js", args, { PYTHON: "no-such-python" });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^without pytorch: .*no-such-python/m);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ results: [], ratios: [] });
    expect(report.absent.map(({ contestant }: { contestant: string }) => contestant)).toEqual(["pytorch", "numpy"]);
  });

  test.each([[["--case", "hamlet2"]], [["--rival", "keras"]], [["--rounds", "-1"]], [["word"]]])(
    "refuses %j with exit status 2",
    async (args) => {
      const { code, stderr } = await run("peers/main.js", args);
      expect(code).toBe(2);
      expect(stderr).toContain("--help");
    },
  );
});
