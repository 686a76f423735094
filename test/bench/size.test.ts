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

/** Bytes of JavaScript and one .wasm file. */
const LIMITS: Record<string, number> = {
  "train and generate": 32_400,
  "train and generate, with checkpoints": 38_700,
  "generate from a checkpoint": 23_400,
  "forecast a series": 32_700,
  "forecast a series of a file": 47_300,
  everything: 40_500,
};

const isError = ({ program }: Size) => program === "a class of errors";

test("who imports a class of errors downloads little else", () => {
  expect(sizes.find(isError)!.own).toBeLessThan(1000);
});

test.each(sizes.filter((size) => !isError(size)))(
  "to $program, a page downloads no more than is promised",
  ({ program, own, withWasm }) => {
    expect(own).toBeGreaterThan(10_000);
    expect(withWasm).toBeLessThan(LIMITS[program]!);
  },
);
