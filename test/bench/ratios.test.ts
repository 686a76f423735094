import { expect, test } from "vitest";
import { median } from "../../bench/common/statistics.js";
import { parseCores } from "../../bench/peers/pin.js";
import { medianRatio, ratiosOn } from "../../bench/peers/ratios.js";
import { ratioTable } from "../../bench/peers/table.js";

test("the median is the middle number, or the mean of the middle two", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 6])).toBe(5.5);
});

test("a ratio is the median of the rounds' ratios, not the ratio of the medians", () => {
  // The machine was ten times as slow in the second round, for both.
  expect(medianRatio([100, 10, 90], [50, 5, 30])).toBe(2);
  // A slow competitor skipped the last round.
  expect(medianRatio([100, 10, 90], [50, 5])).toBe(2);
});

test("every backend is compared with every competitor that ran", () => {
  const rates: Parameters<typeof ratiosOn>[2] = new Map([
    ["simd", [30, 60]],
    ["javascript", [3, 6]],
    ["pytorch", [10, 20]],
  ]);
  const competitors = [
    { name: "pytorch", title: "PyTorch" },
    { name: "numpy", title: "NumPy" },
  ] as const;
  const found = ratiosOn("wide", 1, rates, ["simd", "javascript"], competitors);
  expect(found).toEqual([
    { case: "wide", backend: "simd", threads: 1, competitor: "pytorch", title: "PyTorch", ratio: 3 },
    { case: "wide", backend: "javascript", threads: 1, competitor: "pytorch", title: "PyTorch", ratio: 0.3 },
  ]);

  const machine = { node: "26.0.0", cpu: "a processor", cores: 2, date: "2026-01-01" };
  const results = [
    { case: "wide", implementation: "pytorch", threads: 1, version: "1.13", tokensPerSecond: 15 },
  ] as const;
  const report = { ...machine, rounds: 2, time: 1, pinned: true, skipped: [], results, ratios: found };
  expect(ratioTable(report, ["relaxed-simd", "simd", "javascript"])).toMatch(
    /wide +PyTorch 1\.13 +1 +15 +3\.00 +0\.300/,
  );
});

test("the cores of a list are counted one by one", () => {
  expect(parseCores("0-2,5")).toEqual([0, 1, 2, 5]);
  expect(parseCores("3")).toEqual([3]);
  expect(parseCores("")).toEqual([]);
});
