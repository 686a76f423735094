import { expect, test } from "vitest";
import { CASES } from "../../bench/cases.js";
import { flopsPerToken } from "../../bench/flops.js";

const flops = (name: string) => flopsPerToken(CASES.find((spec) => spec.name === name)!);

test("training counts six operations for a weight that is multiplied, and an addition each way for a token's row", () => {
  expect(flops("hamlet")).toBe(6 * (4 * 25 * 25 + 25 * 32) + 2 * 4 * 25);
  // The second layer's input is multiplied too.
  expect(flops("char-rnn")).toBe(6 * (3 * 4 * 128 * 128 + 128 * 65) + 2 * 4 * 128);
});

test("outputs count only at the steps that are scored", () => {
  expect(flops("next-word")).toBe(6 * (4 * 32 * 32 + (32 * 76) / 3) + 2 * 4 * 32);
});

test("generation counts two operations for a weight, and an addition for a token's row", () => {
  expect(flops("generate-256")).toBe(2 * (4 * 256 * 256 + 256 * 65) + 4 * 256);
});
