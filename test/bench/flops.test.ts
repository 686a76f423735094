import { expect, test } from "vitest";
import { CASES } from "../../bench/cases/cases.js";
import { flopsPerToken } from "../../bench/cases/flops.js";

const flops = (name: string) => flopsPerToken(CASES.find((spec) => spec.name === name)!);

test("training counts six operations per multiplied weight, and an addition each way per weight of a token's row", () => {
  expect(flops("hamlet")).toBe(6 * (4 * 25 * 25 + 25 * 32) + 2 * 4 * 25);
  // The second layer's input weights are multiplied too.
  expect(flops("char-rnn")).toBe(6 * (3 * 4 * 128 * 128 + 128 * 65) + 2 * 4 * 128);
});

test("outputs count only at the steps that have a target", () => {
  expect(flops("next-word")).toBe(6 * (4 * 32 * 32 + (32 * 76) / 3) + 2 * 4 * 32);
});

test("generation counts two operations per multiplied weight, and an addition per weight of a token's row", () => {
  expect(flops("generate-256")).toBe(2 * (4 * 256 * 256 + 256 * 65) + 4 * 256);
});

test("predictions count two operations per multiplied weight, and an embedding counts its products alone", () => {
  expect(flops("predict-256")).toBe(2 * (4 * 256 * 256 + 256 * 65) + 4 * 256);
  expect(flops("words")).toBe(6 * (4 * 4 * 200 * 200 + 200 * 10_000));
});
