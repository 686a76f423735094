import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../bench/size.mjs", import.meta.url));

interface Size {
  readonly program: string;
  readonly own: number;
  readonly withWasm: number;
}

const sizes = JSON.parse(execFileSync(process.execPath, [SCRIPT, "--json"], { encoding: "utf8" })) as Size[];

describe("what a page downloads, compressed", () => {
  test.each(sizes.filter(({ program }) => program !== "everything"))(
    "to $program is less than 20 KB of JavaScript",
    ({ own }) => {
      expect(own).toBeGreaterThan(10_000);
      expect(own).toBeLessThan(20_000);
    },
  );

  test("for everything, the loader and the kernels with it, is less than 40 KB", () => {
    const everything = sizes.find(({ program }) => program === "everything")!;
    expect(everything.own).toBeLessThan(34_000);
    expect(everything.withWasm).toBeLessThan(40_000);
  });
});
