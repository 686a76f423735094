import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planSweep, type SweepOptions } from "../internals/sweep.js";
import { blocksOf } from "../markdown.js";
import { ROOT } from "../root.js";

// The examples of the guide are checked as the command checks them; to run them takes minutes.

const guide = readFileSync(join(ROOT, "docs", "sweeps.md"), "utf8");

test("the guide's command is valid, and so is all that it says may differ", () => {
  const [command] = blocksOf(guide).filter(({ code }) => code.includes("lstm-wasm sweep "));
  const words = command!.code.replaceAll("\\\n", " ").trim().split(/\s+/);
  const end = words.indexOf("--");
  const [own, train] = [words.slice(0, end), words.slice(end + 1)];
  const given = own.flatMap((word, i) => (word === "--vary" ? [own[i + 1]!.split("=") as [string, string]] : []));
  expect(given).toHaveLength(3);
  const plan = planSweep({ vary: Object.fromEntries(given), train, dir: "sweep" });
  expect([plan.trials.length, plan.metric]).toEqual([30, "validationLoss"]);
  const all = [...guide.matchAll(/`--vary ([\w-]+)=([^`\s]+)`/g)];
  expect(all.length).toBeGreaterThan(5);
  for (const [, name, values] of all)
    expect(
      planSweep({ vary: { [name!]: values! }, train: ["--validation-fraction", "0.1"], dir: "sweep" }).trials.length,
    ).toBeGreaterThan(0);
});

test("the guide's program has valid options", async () => {
  const [program] = blocksOf(guide).filter(({ language }) => language === "js");
  const code = program!.code.replace(/^import .*$/m, "").replace("await sweep(", "sweep(");
  const run = new Function("sweep", code) as (sweep: (options: SweepOptions) => object) => void;
  const rungs: unknown[] = [];
  run((options) => {
    rungs.push(planSweep(options).rungs);
    return {};
  });
  expect(rungs).toEqual([[2, 6, 20]]);
});
