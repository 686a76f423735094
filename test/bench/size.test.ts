import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../bench/size.mjs", import.meta.url));

interface Size {
  readonly program: string;
  readonly own: number;
  readonly withWasm: number;
}

const sizes = JSON.parse(execFileSync(process.execPath, [SCRIPT, "--json"], { encoding: "utf8" })) as Size[];

/** Bytes of JavaScript, the loader and one .wasm file. */
const LIMITS: Record<string, number> = {
  "train and generate": 30_900,
  "train and generate, with checkpoints": 38_800,
  "generate from a checkpoint": 28_400,
  "forecast a series": 31_400,
  "forecast a series of a file": 44_450,
  everything: 45_100,
};

test.each(sizes)("to $program, a page downloads no more than is promised", ({ program, own, withWasm }) => {
  expect(own).toBeGreaterThan(10_000);
  expect(withWasm).toBeLessThan(LIMITS[program]!);
});
