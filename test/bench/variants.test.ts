import { describe, expect, test } from "vitest";
import { CASES } from "../../bench/cases/cases.js";
import { scalingSeries } from "../../bench/cases/scaling.js";
import { doublings, variantsOf } from "../../bench/cases/variants.js";
import { BACKENDS } from "../internals/kernels.js";

const ALL = { backends: undefined, threads: undefined };
const variants = (name: string, requested: Parameters<typeof variantsOf>[1] = ALL) =>
  variantsOf(CASES.find((spec) => spec.name === name)!, requested, BACKENDS, 6).map(
    ({ backend, threads }) => `${backend} ${threads}`,
  );

describe("a case is measured", () => {
  test("on several threads only on WebAssembly, and only where training has several sequences", () => {
    const each = (backend: string) => [1, 2, 4, 6].map((threads) => `${backend} ${threads}`);
    expect(variants("wide")).toEqual([...each("relaxed-simd"), ...each("simd"), "javascript 1"]);
    for (const name of ["hamlet", "generate-256"])
      expect(variants(name)).toEqual(["relaxed-simd 1", "simd 1", "javascript 1"]);
  });

  test("on javascript only where that is quick, unless requested", () => {
    expect(variants("large")).not.toContain("javascript 1");
    expect(variants("large", { ...ALL, backends: ["javascript"] })).toEqual(["javascript 1"]);
  });

  test("as requested", () => {
    const requested = { backends: ["simd", "javascript"], threads: [3] } as const;
    expect(variants("wide", requested)).toEqual(["simd 3"]);
    expect(variants("hamlet", requested)).toEqual([]);
  });
});

test("threads double up to the number of cores", () => {
  expect([1, 2, 3, 8, 12].map(doublings)).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8, 12]]);
});

test("scaling covers hidden sizes with vector tails, batch sizes, and threads where there are several", () => {
  const [hidden, batch, threads] = scalingSeries([1, 2]);
  expect(hidden!.points.map(({ value }) => value)).toEqual([16, 32, 64, 120, 127, 128, 130, 256, 512, 1024]);
  expect(batch!.points.map(({ spec }) => spec.batchSize)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  expect(threads!.points.map((point) => [point.spec.name, point.threads])).toEqual([
    ["wide", 1],
    ["wide", 2],
  ]);
  expect(scalingSeries([1]).map(({ name }) => name)).toEqual(["hiddenSize", "batchSize"]);
});
